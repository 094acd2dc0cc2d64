"""Propose what was just added on the Hub, with the visitor's own token, which goes there and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.sentence import said
from registry.hub.client import Hub
from registry.hub.propose import propose
from registry.storage.store import Store

from ..language.telling import joined
from ..parts.html import link, problem, rich, text, working
from ..parts.layout import PAGE_EVENT, markup
from ..parts.words import TOKEN_USE
from .contribution import Published

# What a header can carry. Without this, the client's error about a malformed one would repeat it.
_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
_NOT_PROPOSED = said("It was not proposed.")


class Proposing:
    """The part of the page: a form that shows after something was added, and the outcome."""

    def __init__(self, store: Store, repo_id: str, published: gr.State) -> None:
        with gr.Column(visible=False, elem_id="propose") as self.form:
            markup(partial(_what_html, repo_id))
            # new-password: the one value that keeps browsers from offering to fill in or to keep it
            attributes = gr.InputHTMLAttributes(autocomplete="new-password", spellcheck=False)
            token = gr.Textbox(
                label=said("Your Hub token, with write access"),
                type="password",
                max_length=200,
                elem_id="token",
                html_attributes=attributes,
            )
            send = gr.Button(said("Propose it"), elem_id="send", variant="secondary")
        self.outcome = markup("", "proposed")

        def sent(added: Published | None, given: str) -> Iterator[dict[Any, Any]]:
            yield {token: "", self.outcome: working(said("Sending it to the Hub …"))}
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


def _what_html(repo_id: str) -> str:
    title = said("Propose it on the Hub, if you like")
    opens = said(
        "This opens a pull request on {repository}, in your name. Its owner reviews it.",
        repository=repo_id,
    )
    return f"<h2>{text(title)}</h2><p>{text(joined([opens, TOKEN_USE]))}</p>"


def proposed(store: Store, repo_id: str, added: Published | None, token: str) -> tuple[str, bool]:
    """The outcome as HTML, and whether the pull request is open."""
    token = token.strip()
    if added is None:
        return problem(said("The session has ended; propose it on the command line."), _NOT_PROPOSED), False
    if not _TOKEN.fullmatch(token):
        odd = said("A token of yours is needed, and it holds characters that no token has. Copy it from your settings.")
        none = said("A token of yours is needed, and there is none. Copy it from your settings.")
        return problem(odd if token else none, _NOT_PROPOSED), False
    try:
        made = propose(store, Hub(repo_id, token=token), added.collection, added.name)
    except UserError as error:
        return problem(str(error).replace(token, "…"), _NOT_PROPOSED), False
    facts = {"name": added.name, "number": made.number, "repository": repo_id}
    proposed_ = said("{name} is proposed: <a>pull request {number} on {repository}</a>.", **facts)
    shown = rich(proposed_, a=link(made.url, ' rel="noopener noreferrer"'))
    return f'<p role="status" data-proposed="{made.number}">{shown}</p>', True
