"""The owner's page: what waits for their word, and what was done. It exists only where $FINGERPRINT_OWNER_TOKEN is set.

The token is asked for with every action and kept nowhere but in the owner's own browser tab.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.settings import Settings
from registry.contributions import quarantine
from registry.contributions.quarantine import Waiting
from registry.contributions.submit import is_secret
from registry.storage.audit import notes
from registry.storage.card import Card
from registry.storage.store import Store

from ..parts.html import facts, problem, sentences, text, when
from ..parts.layout import PAGE_EVENT, markup
from ..parts.map import key_label

_LINES = 50
_WRONG_SECONDS = 1.0  # so that guessing takes for ever
_BY = "owner's page"


def owner_page(settings: Settings, store: Store, _page: gr.Blocks) -> None:
    """A token, what waits, and three buttons."""
    markup("<h1>For the owner of this registry</h1>")
    token = gr.Textbox(
        label="Owner's token",
        type="password",
        max_length=200,
        elem_id="owner-token",
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
    )
    look = gr.Button("Show what waits", elem_id="owner-look", variant="primary")
    what = gr.Textbox(label="Name or number of a contribution", max_length=80, elem_id="owner-what")
    with gr.Row():
        buttons: dict[str, gr.Button] = {
            action: gr.Button(label, elem_id=f"owner-{action}")
            for action, label in (("accept", "Accept"), ("reject", "Reject"), ("undo", "Undo a decision"))
        }
    shown = markup("", "owner-shown")
    event: dict[str, Any] = {"concurrency_id": "owner", "concurrency_limit": 1, **PAGE_EVENT}
    gr.on([look.click, token.submit], lambda given: looked(settings, store, given), token, shown, **event)
    for action, button in buttons.items():
        button.click(_decider(settings, store, action), [token, what], shown, **event)


def looked(settings: Settings, store: Store, token: str) -> str:
    """What waits, what was decided and what was done, as HTML; or that the token is another."""
    if not is_secret(token or "", settings.owner_token):
        time.sleep(_WRONG_SECONDS)
        return problem("This is not the owner's token.")
    waits = "".join(map(_one, quarantine.pending(store))) or "<p>Nothing waits.</p>"
    settled = [_line(held) for held in reversed(quarantine.pending(store, quarantine.SETTLED))]
    log = [_logged(line) for line in islice(reversed(list(notes(store.folder))), _LINES)]
    return (
        f"<h2>Waiting</h2>{waits}<h2>Decided</h2>{sentences(settled[:_LINES]) or '<p>Nothing yet.</p>'}"
        f"<h2>What was done, the newest first</h2>{sentences(log)}"
    )


def decided(settings: Settings, store: Store, action: str, token: str, what: str) -> str:
    """Do it, and show what there is then."""
    if not is_secret(token or "", settings.owner_token):
        return looked(settings, store, token)
    try:
        {"accept": quarantine.accept, "reject": quarantine.reject, "undo": quarantine.undo}[action](
            store, (what or "").strip(), _BY
        )
    except UserError as error:
        return problem(str(error)) + looked(settings, store, token)
    return looked(settings, store, token)


def _decider(settings: Settings, store: Store, action: str) -> Callable[[str, str], str]:
    return lambda token, what: decided(settings, store, action, token, what)


def _one(held: Waiting) -> str:
    against = sentences([f"Against it: {reason}" for reason in held.reasons], "fp-warnings")
    about = facts({"Number": held.id, "Collection": held.collection, "Came": when(held.time), "By": held.by})
    about += facts({key_label(key): value for key, value in _said(held.card).items()})
    words = f"<h3>{text(held.card.label)}</h3>{against}{sentences(held.remarks)}{about}"
    return f'<section data-waiting="{text(held.id)}">{words}</section>'


def _said(card: Card) -> dict[str, object]:
    """All that the card says, what it says of the design like everything else."""
    facts_ = card.to_json()
    return {**{key: value for key, value in facts_.items() if key not in ("design", "samples_digest")}, **card.design}


def _line(held: Waiting) -> str:
    return f"{held.decision}: {held.collection}/{held.card.name} ({held.id}), which came {when(held.time)}"


def _logged(line: dict[str, str]) -> str:
    rest = [value for key, value in line.items() if key != "time" and value]
    return " · ".join([when(line.get("time", "")), *rest])
