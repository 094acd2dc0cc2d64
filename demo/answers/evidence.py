"""The evidence for an answer as HTML: what was compared, space by space; and beside it what the file says of itself."""

from __future__ import annotations

from fingerprints.attribution.verdict import REAL
from fingerprints.spaces import get_space
from registry.answers.identify import Answer
from registry.storage.pictures import DRAWN
from registry.storage.snapshot import Collection

from ..parts.figures import evidence
from ..parts.html import explained, figures, text
from ..parts.map import placed_html
from ..parts.words import LIMITS, MEANING
from .claims import claims_html
from .regions import regions_figure


def evidence_html(answer: Answer, collection: Collection) -> str:
    """What the file says of itself, which was not used; then what speaks for the answer, and what it is worth."""
    return (
        f"{claims_html(answer.claims)}"
        '<section class="fp-evidence"><h2>Evidence</h2>'
        f"<p>{explained('Artifact', MEANING['artifact'])}: what is left of the picture when the closest real ones are "
        f"taken away. A generator's {explained('fingerprint', MEANING['fingerprint'])} is made of many.</p>"
        f"{_spaces(answer, collection)}"
        f"{_parts(answer)}"
        f"<h3>Where it lies among the fingerprints</h3>{placed_html(collection, answer.artifacts)}"
        f'<p>{text(LIMITS)} <a href="./about">More about its limits</a>.</p>'
        "</section>"
    )


def _spaces(answer: Answer, collection: Collection) -> str:
    """Each space that has a picture in a row of its own; the others by name."""
    best = next(c.generator for c in answer.verdict.candidates if c.generator != REAL)
    rows = "".join(
        f"<h3>{text(_capital(get_space(space).label))}</h3>"
        f"{figures(evidence(collection, answer.embeddings[space], artifact, best, space))}"
        for space, artifact in answer.artifacts.items()
        if space in DRAWN
    )
    others = [get_space(space).label for space in answer.artifacts if space not in DRAWN]
    return rows + (f"<p>Also compared, without a picture: {text(', '.join(others))}.</p>" if others else "")


def _parts(answer: Answer) -> str:
    return f"<h3>Part by part</h3>{figures([regions_figure(answer.regions)])}" if answer.regions else ""


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
