"""Keep the catalogues in step with the source: ``python -m demo.language.updating`` (make locale).

What is new in the source comes into each catalogue without a translation, and what is no longer there leaves it. Tests
fail until each has one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from .catalogues import FOLDER
from .languages import ENGLISH, LANGUAGES

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("demo", "fingerprints", "registry", "zoo")
_MARKS = {"said": 1, "counted": 2}  # what marks a sentence, and how many texts it is given: one, or singular and plural

_HEADER = """\
msgid ""
msgstr ""
"Language: {}\\n"
"Plural-Forms: {}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def main() -> None:
    source = marked()
    for code in LANGUAGES:
        if code != ENGLISH.code:
            _write(code, _updated(read(code), source, code))


def marked() -> Catalog:
    """All sentences of the source, each with the files that it is in."""
    found = Catalog()
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            for texts in _marked_in(ast.parse(path.read_text(encoding="utf-8"))):
                name = path.relative_to(_ROOT).as_posix()
                found.add(texts if len(texts) > 1 else texts[0], locations=[(name, 0)])
    return found


def read(code: str) -> Catalog:
    """The catalogue of a language, an empty one where there is none yet."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def messages(catalogue: Catalog) -> list[Message]:
    """Without the header."""
    return [message for message in catalogue if message.id]


def _marked_in(tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """By the syntax, not by words, so that what stands within an f-string is found too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKS:
            given = node.args[: _MARKS[node.func.id]]
            texts = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if texts and len(texts) == len(given):
                yield tuple(texts)


def _updated(old: Catalog, source: Catalog, code: str) -> Catalog:
    new = Catalog(locale=code, fuzzy=False)
    for message in messages(source):
        known = old.get(message.id)
        new.add(message.id, known.string if known else None, locations=message.locations)
    return new


def _write(code: str, catalogue: Catalog) -> None:
    """Without dates and names, which would change with every update."""
    with (FOLDER / f"{code}.po").open("wb") as file:
        file.write(_HEADER.format(code, catalogue.plural_forms).encode())
        write_po(file, catalogue, width=0, omit_header=True, sort_by_file=True, include_lineno=False)


if __name__ == "__main__":
    main()
