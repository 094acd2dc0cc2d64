"""EXIF: which camera took a picture, or which program saved it, as the file says it."""

from __future__ import annotations

from ..formats.tiff import Directory, Tag, directory_at, first_directory
from ..sentence import said
from .claim import NOT_SIGNED, Claim, claim, shown

SOURCE = "EXIF"
_DESCRIPTION, _MAKE, _MODEL, _SOFTWARE, _MORE, _COMMENT = 0x010E, 0x010F, 0x0110, 0x0131, 0x8769, 0x9286
_TEXTS = (_DESCRIPTION, _MAKE, _MODEL, _SOFTWARE)
_LONGEST = 1_000_000
_CODE = 8  # bytes before a comment that say how its characters are coded


def exif_texts(exif: bytes) -> dict[int, str]:
    """What stands in EXIF as text, by the number of its tag; 0x9286 is the comment, into which some programs write how
    a picture was made."""
    directory = first_directory(exif)
    if directory is None:
        return {}
    texts = {tag.number: _text(exif, tag) for tag in directory.tags if tag.number in _TEXTS}
    for tag in _further(exif, directory):
        if tag.number == _COMMENT:
            texts[_COMMENT] = _comment(_bytes(exif, tag))
    return {number: text for number, text in texts.items() if text}


def camera_claim(texts: dict[int, str]) -> Claim | None:
    """The camera or the program; None where neither is named."""
    make, model, software = (texts.get(number, "") for number in (_MAKE, _MODEL, _SOFTWARE))
    camera = model if make and model.lower().startswith(make.split()[0].lower()) else f"{make} {model}".strip()
    if camera:
        taken = said("Taken with {camera}.", camera=shown(camera, 200))
        return claim(SOURCE, NOT_SIGNED, taken, f"Software: {software}" if software else "")
    saved = said("Saved with {program}.", program=shown(software, 200))
    return claim(SOURCE, NOT_SIGNED, saved) if software else None


def program_texts(texts: dict[int, str]) -> dict[str, str]:
    """What programs that write PNG texts write into EXIF instead, in files of other formats, under the same names."""
    told = {}
    if comment := texts.get(_COMMENT):
        told["parameters"] = comment
    for number in (_DESCRIPTION, _MAKE, _MODEL):
        name, found, graph = texts.get(number, "").partition(":")
        if found and name.lower() in ("prompt", "workflow") and graph.lstrip().startswith("{"):
            told[name.lower()] = graph
            del texts[number]
    return told


def _further(exif: bytes, directory: Directory) -> tuple[Tag, ...]:
    """The tags of the second directory, to which the first points."""
    pointers = [tag for tag in directory.tags if tag.number == _MORE and tag.where is None]
    if not pointers:
        return ()
    order = "little" if directory.order == "<" else "big"
    start = int.from_bytes(exif[pointers[0].at + 8 : pointers[0].at + 12], order)  # type: ignore[arg-type]
    second = directory_at(exif, directory.order, start)
    return second.tags if second else ()


def _bytes(exif: bytes, tag: Tag) -> bytes:
    where = tag.at + 8 if tag.where is None else tag.where
    return exif[where : where + min(tag.size, _LONGEST)]


def _text(exif: bytes, tag: Tag) -> str:
    return _bytes(exif, tag).split(b"\x00", 1)[0].decode("utf-8", "replace").strip()


def _comment(data: bytes) -> str:
    code, text = data[:_CODE], data[_CODE:]
    if not code.startswith(b"UNICODE"):
        return text.decode("utf-8", "replace").strip("\x00 ")
    # in which order the two bytes of a character come is not said, and programs differ
    orders = [text.decode(f"utf-16-{order}", "replace") for order in ("be", "le")]
    return max(orders, key=lambda words: sum(char < "\x80" for char in words[:200])).strip("\x00 ")
