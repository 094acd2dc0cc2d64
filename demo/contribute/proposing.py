"""Propose what was just added on the Hub, with the visitor's own token, which goes there and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from registry.hub.client import Hub
from registry.hub.propose import propose
from registry.storage.store import Store

from ..parts.html import problem, text, working
from ..parts.layout import PAGE_EVENT, markup
from ..parts.words import TOKEN_USE
from .contribution import Published

# What a header can carry. Without this, the client's error about a malformed one would repeat it.
_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
_NOT_PROPOSED = "It was not proposed."


class Proposing:
    """The part of the page: a form that shows after something was added, and the outcome."""

    def __init__(self, store: Store, repo_id: str, published: gr.State) -> None:
        with gr.Column(visible=False, elem_id="propose") as self.form:
            markup(
                f"<h2>Propose it on the Hub, if you like</h2><p>This opens a pull request on {text(repo_id)}, in your "
                f"name. Its owner reviews it. {text(TOKEN_USE)}</p>"
            )
            # new-password: the one value that keeps browsers from offering to fill in or to keep it
            attributes = gr.InputHTMLAttributes(autocomplete="new-password", spellcheck=False)
            token = gr.Textbox(
                label="Your Hub token, with write access",
                type="password",
                max_length=200,
                elem_id="token",
                html_attributes=attributes,
            )
            send = gr.Button("Propose it", elem_id="send", variant="secondary")
        self.outcome = markup("", "proposed")

        def sent(added: Published | None, given: str) -> Iterator[dict[Any, Any]]:
            yield {token: "", self.outcome: working("Sending it to the Hub …")}
            html, done = proposed(store, repo_id, added, given)
            yield {self.outcome: html, self.form: gr.update(visible=not done)}

        gr.on(
            [send.click, token.submit],
            sent,
            [published, token],
            [token, self.outcome, self.form],
            concurrency_id="propose",
            concurrency_limit=2,
            trigger_mode="once",
            **PAGE_EVENT,
        )

    def reset(self, visible: bool) -> dict[Any, Any]:
        """Updates that show or hide the form, without what an earlier proposal said."""
        return {self.form: gr.update(visible=visible), self.outcome: ""}


def proposed(store: Store, repo_id: str, added: Published | None, token: str) -> tuple[str, bool]:
    """The outcome as HTML, and whether the pull request is open."""
    token = token.strip()
    if added is None:
        return problem("The session has ended; propose it on the command line.", _NOT_PROPOSED), False
    if not _TOKEN.fullmatch(token):
        given = "it holds characters that no token has" if token else "there is none"
        return problem(f"A token of yours is needed, and {given}. Copy it from your settings.", _NOT_PROPOSED), False
    try:
        made = propose(store, Hub(repo_id, token=token), added.collection, added.name)
    except UserError as error:
        return problem(str(error).replace(token, "…"), _NOT_PROPOSED), False
    link = f'<a href="{text(made.url)}" rel="noopener noreferrer">pull request {made.number} on {text(repo_id)}</a>'
    return f'<p role="status" data-proposed="{made.number}">{text(added.name)} is proposed: {link}.</p>', True
