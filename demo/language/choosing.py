"""The choice of a language, in the header of a page: a list that opens by mouse, touch or keyboard, of plain links."""

from __future__ import annotations

import html

from fingerprints.sentence import said

from .addresses import CHOOSE
from .languages import LANGUAGES
from .telling import language, told

# The same page with what it shows: its links know its address, not what stands after the "?".
CHOOSING = """
element.addEventListener('click', event => {
  const link = event.target.closest('a[hreflang]');
  if (!link) return;
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of new URL(link.href).searchParams) asked.set(name, value);
  link.search = `?${asked}`;
});
"""


def choice_html(path: str) -> str:
    """``path``: of the page."""
    links = "".join(
        f'<li><a href="./{path}?{CHOOSE}={one.code}" hreflang="{one.tag}" lang="{one.tag}"'
        f"{' aria-current=true' if one is language() else ''}>{one.name}</a></li>"
        for one in LANGUAGES.values()
    )
    label = html.escape(told(said("Language")))
    return (
        f'<details class="fp-languages"><summary><span class="fp-unseen">{label}: </span>{language().name}</summary>'
        f"<ul>{links}</ul></details>"
    )
