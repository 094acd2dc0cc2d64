"""The small form below a whole answer that keeps a link to it, and what stands in its place then."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from fingerprints.errors import UserError
from fingerprints.sentence import counted, said
from registry.answers.identify import Answer
from registry.answers.sentences import sentence
from registry.storage.snapshot import Collection

from ..answers.whole import Whole
from ..parts.html import link, problem, rich, text
from ..server.limits import Allowance
from .keeping import Links, Made, NotKept
from .page import ADDRESS, day
from .rendering import rendered
from .waiting import Waiting

_OF_ONE = Allowance(most=20, rate=20 / 3600)  # links of one client
# The browser knows how this server is called: behind a proxy, the server may not.
KEEPING = """
element.addEventListener('submit', event => {
  event.preventDefault();
  const form = event.target;
  form.querySelector('button').disabled = true;
  trigger('select', {key: form.dataset.key, picture: form.picture.checked});
});
element.addEventListener('click', async event => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  const field = element.querySelector('input[data-address]');
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand('copy'); }
  button.textContent = button.dataset.copy;
});
const whole = () => element.querySelectorAll('input[data-address]:not([value])').forEach(field => {
  field.setAttribute('value', new URL(field.dataset.address, document.baseURI));
});
new MutationObserver(whole).observe(element, {subtree: true, childList: true, attributes: true});
whole();
"""


class Keeping:
    """What a page does to keep answers: ``links`` on disk, and those that may yet be kept."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self._waiting = Waiting()

    def offer(self, whole: Whole) -> str:
        """The form; without one where links are off. It tells the tab what to remember of the answer, too."""
        if self.links.limits.on:
            key = self._waiting.add(whole)
            form = _form_html(key, self.links.limits.days)
        else:
            key, form = secrets.token_urlsafe(18), ""
        return _noted(key, whole.image.origin, whole.answer, whole.collection, form)

    def kept(self, asked: Mapping[str, Any], client: str, prefix: str) -> str:
        """What the form asked for: the link, or why there is none. ``prefix``: the language of the page's address."""
        key = str(asked.get("key", ""))
        ready = self._waiting.find(key)
        try:
            if ready is None:
                raise NotKept(said("This answer is no longer at hand. Give the picture once more."))
            if _OF_ONE.take(client, 1):
                raise NotKept(said("You made many links just now. Try again in an hour."))
            made = self.links.keep(rendered(ready, asked.get("picture") is True))
        except UserError as error:
            return problem(error.sentence, said("No link was made."))
        self._waiting.drop(key)
        shown = _made_html(made, "../" if prefix else "./")
        return _noted(key, ready.given.name, ready.answer, ready.collection, shown)


def _noted(key: str, name: str, answer: Answer, collection: Collection, shown: str) -> str:
    """``shown`` within what a tab remembers of an answer (tab.py)."""
    verdict = sentence(answer, collection.cards)
    return f'<div data-whole="{text(key)}" data-name="{text(name)}" data-said="{text(verdict)}">{shown}</div>'


def _form_html(key: str, days: int) -> str:
    note = counted(
        "Whoever has the link sees this answer, its evidence and what the file says of itself, for {number} day. "
        "The picture and its name are kept only if you tick the box.",
        "Whoever has the link sees this answer, its evidence and what the file says of itself, for {number} days. "
        "The picture and its name are kept only if you tick the box.",
        days,
    )
    return (
        f'<form class="fp-keep" data-key="{text(key)}"><button class="fp-press">'
        f"{text(said('Keep a link to this answer'))}</button>"
        f'<label><input type="checkbox" name="picture"> {text(said("with the picture"))}</label>'
        f'<p class="fp-small">{text(note)}</p></form>'
    )


def _made_html(made: Made, up: str) -> str:
    address = f"{up}{ADDRESS}/{made.id}"
    lead = said("This answer is kept until {until}, at this address:", until=day(made.facts.until))
    ways = said(
        "<open>Open it</open>. To delete it before, <deleting>use this second link</deleting>: it is shown only here "
        "and now, so keep it to yourself."
    )
    shown = rich(ways, open=link(address), deleting=link(f"{address}?delete={made.secret}"))
    return (
        f'<div class="fp-keep" data-made="{text(address)}"><p>{text(lead)}</p><div class="fp-address">'
        f'<input readonly data-address="{text(address)}" aria-label="{text(said("Link to this answer"))}">'
        f'<button type="button" class="fp-press" data-copy="{text(said("Copied"))}">{text(said("Copy"))}</button></div>'
        f'<p class="fp-small">{shown}</p></div>'
    )
