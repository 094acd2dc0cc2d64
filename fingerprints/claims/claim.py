"""One thing that a file says of its own origin."""

from __future__ import annotations

from dataclasses import dataclass

from ..sentence import Sentence

VALID, INVALID, NOT_SIGNED = "valid", "invalid", "not signed"
NOT_CHECKED = "not checked"  # signed perhaps, but what it takes to check it is not here
MOST_CLAIMS = 16
_STATES = (VALID, INVALID, NOT_SIGNED, NOT_CHECKED)
_LONGEST_NAME, _LONGEST_SENTENCE, _LONGEST_DETAIL = 60, 300, 1500


@dataclass(frozen=True)
class Claim:
    """``says`` is a sentence, ``source`` where in the file it stands, ``detail`` what else stands there.

    ``signed``: whether a signature holds, of the picture and of what is said of it. One that holds does not mean that
    what is said is true, only that the signer said it.
    """

    source: str
    signed: str
    says: str
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        return {"source": self.source, "signed": self.signed, "says": self.says, "detail": self.detail}


def claim(source: str, signed: str, says: str, detail: str = "") -> Claim:
    """A claim with a stranger's words in it, which are made short and fit for a page and a terminal. A ``Sentence``
    that is so already stays one, and can be said in another language."""
    if signed not in _STATES:
        raise ValueError(f"a claim is {', '.join(_STATES)}; found {signed!r}")
    fit = shown(says, _LONGEST_SENTENCE)
    kept = says if isinstance(says, Sentence) and says == fit else fit
    return Claim(shown(source, _LONGEST_NAME), signed, kept, shown(detail, _LONGEST_DETAIL))


def shown(text: str, longest: int) -> str:
    """On one line, without characters that control or cannot be shown, cut where it is too long."""
    begin = text[: 4 * longest]  # a stranger's text may have millions of characters
    line = " ".join("".join(char if char.isprintable() else " " for char in begin).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
