"""The evidence for an answer as HTML: what was compared, space by space; and beside it what the file says of itself."""

from __future__ import annotations

from fingerprints.attribution.verdict import REAL
from fingerprints.sentence import said
from fingerprints.spaces import get_space
from registry.answers.identify import Answer
from registry.storage.pictures import DRAWN
from registry.storage.snapshot import Collection

from ..language.telling import separated, told
from ..parts.figures import evidence
from ..parts.html import explained, figures, link, rich, text
from ..parts.map import placed_html
from ..parts.words import LIMITS, MEANING
from .claims import claims_html
from .regions import regions_figure


def evidence_html(answer: Answer, collection: Collection) -> str:
    """What the file says of itself, which was not used; then what speaks for the answer, and what it is worth."""
    return (
        f"{claims_html(answer.claims)}"
        f'<section class="fp-evidence"><h2>{text(said("Evidence"))}</h2><p>{_words_html()}</p>'
        f"{_spaces(answer, collection)}"
        f"{_parts(answer)}"
        f"<h3>{text(said('Where it lies among the fingerprints'))}</h3>{placed_html(collection, answer.artifacts)}"
        f"<p>{text(LIMITS)} {rich(said('<a>More about its limits</a>.'), a=link('./about'))}</p>"
        "</section>"
    )


def _words_html() -> str:
    terms = {
        "artifact": explained(said("Artifact"), MEANING["artifact"]),
        "fingerprint": explained(said("fingerprint"), MEANING["fingerprint"]),
    }
    return rich(
        said(
            "{artifact}: what is left of the picture when the closest real ones are taken away. A generator's "
            "{fingerprint} is made of many."
        ),
        **terms,
    )


def _spaces(answer: Answer, collection: Collection) -> str:
    """Each space that has a picture in a row of its own; the others by name."""
    best = next(c.generator for c in answer.verdict.candidates if c.generator != REAL)
    rows = "".join(
        f"<h3>{text(_capital(told(get_space(space).label)))}</h3>"
        f"{figures(evidence(collection, answer.embeddings[space], artifact, best, space))}"
        for space, artifact in answer.artifacts.items()
        if space in DRAWN
    )
    others = [get_space(space).label for space in answer.artifacts if space not in DRAWN]
    also = said("Also compared, without a picture: {spaces}.", spaces=separated(others))
    return rows + (f"<p>{text(also)}</p>" if others else "")


def _parts(answer: Answer) -> str:
    if answer.regions is None:
        return ""
    return f"<h3>{text(said('Part by part'))}</h3>{figures([regions_figure(answer.regions)])}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
