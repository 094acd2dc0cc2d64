"""A form whose answer is the address: what it asks for stands after the "?", so that every view can be linked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

import gradio as gr

from .html import text

FORM = "ask"
_LONGEST_QUERY = 2000
# Each change of the form goes into the address, where the server reads it; its buttons may stand elsewhere on the page.
SCRIPT = """
const ask = button => {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(element.querySelector('form'), button)) {
    if (value) query.append(name, value);
  }
  history.replaceState(null, '', `${location.pathname}?${query}`);  // the page has a <base>
  trigger('select');
};
element.addEventListener('input', () => ask(null));
// A button with the name of a field sets that field; any other adds what it says.
element.addEventListener('submit', event => {
  event.preventDefault();
  const pressed = event.submitter;
  const field = pressed && element.querySelector('form').querySelector(`[name="${pressed.name}"]`);
  if (field) field.value = pressed.value;
  ask(field ? null : pressed);
});
"""


def form_html(fields: Iterable[str], hidden: Mapping[str, str], page: str = "gallery") -> str:
    """``hidden``: what the address says besides, for example which view this is."""
    kept = "".join(f'<input type="hidden" name="{text(name)}" value="{text(value)}">' for name, value in hidden.items())
    return f'<form id="{FORM}" class="fp-form" action="./{text(page)}" method="get">{kept}{"".join(fields)}</form>'


def search_field(name: str, label: str, value: str) -> str:
    shown = f'<input type="search" name="{text(name)}" value="{text(value)}" maxlength="200" autocomplete="off">'
    return f'<label id="{text(name)}" class="fp-field fp-wide-field"><span>{text(label)}</span>{shown}</label>'


def choice_field(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    """``options``: value -> what is shown; the empty value stands for no choice."""
    listed = "".join(
        f'<option value="{text(value)}"{" selected" if value == chosen else ""}>{text(shown)}</option>'
        for value, shown in options.items()
    )
    field = f'<select name="{text(name)}">{listed}</select>'
    return f'<label class="fp-field"><span>{text(label)}</span>{field}</label>'


def asking_button(name: str, value: str, label: str) -> str:
    """A button that adds something to what the form asks, wherever it stands."""
    return f'<button class="fp-more" form="{FORM}" name="{text(name)}" value="{text(value)}">{text(label)}</button>'


def address(**asked: str) -> str:
    """The gallery's address with what is asked; relative, so that it holds behind a proxy's path too."""
    return f"./gallery?{urlencode(asked)}"


def address_of(request: gr.Request) -> dict[str, str]:
    """What the address asks that a visitor's browser shows now. What Gradio hands over with an event may be older: of
    events that came while one was at work, it sends the first one's again."""
    return dict(request.query_params or {})


def asked_of(query: object) -> dict[str, str]:
    """What a query string asks; nothing when it is none."""
    return dict(parse_qsl(query[:_LONGEST_QUERY])) if isinstance(query, str) else {}
