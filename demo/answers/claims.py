"""What a file says of its own origin, as a panel of its own: what is signed apart from what is only claimed."""

from __future__ import annotations

from collections.abc import Sequence

from fingerprints.claims import INVALID, NOT_CHECKED, NOT_SIGNED, VALID, Claim
from fingerprints.sentence import said

from ..parts.html import foreign, text
from ..parts.words import CLAIMS_NOTE, NO_CLAIMS

_GROUPS = {
    VALID: said("Signed, and valid"),
    INVALID: said("Signed, but not valid"),
    NOT_CHECKED: said("Not checked"),
    NOT_SIGNED: said("Only claimed"),
}
_KINDS = {VALID: "fp-valid", INVALID: "fp-invalid", NOT_CHECKED: "fp-open", NOT_SIGNED: "fp-open"}
_HEADING, _MORE = said("What the file says of itself"), said("More of it")
_SHORT = 260  # characters of a detail that are shown without a click


def claims_html(claims: Sequence[Claim]) -> str:
    """A panel; of a file that says nothing, one sentence."""
    if not claims:
        return f'<p class="fp-small" id="claims">{text(NO_CLAIMS)}</p>'
    groups = "".join(_group_html(state, [one for one in claims if one.signed == state]) for state in _GROUPS)
    return (
        '<section class="fp-claims" id="claims" aria-labelledby="claims-head">'
        f'<h2 id="claims-head">{text(_HEADING)}</h2><p class="fp-small">{text(CLAIMS_NOTE)}</p>'
        f"{groups}</section>"
    )


def _group_html(state: str, claims: Sequence[Claim]) -> str:
    if not claims:
        return ""
    return (
        f'<div class="fp-claimed {_KINDS[state]}" data-signed="{text(state)}"><h3>{text(_GROUPS[state])}</h3>'
        f"<ul>{''.join(map(_claim_html, claims))}</ul></div>"
    )


def _claim_html(claim: Claim) -> str:
    if len(claim.detail) > _SHORT:
        detail = f"<details><summary>{text(_MORE)}</summary><p>{foreign(claim.detail)}</p></details>"
    else:
        detail = f'<p class="fp-small">{foreign(claim.detail)}</p>' if claim.detail else ""
    return f'<li><p>{foreign(claim.says)}</p><p class="fp-small">{foreign(claim.source)}</p>{detail}</li>'
