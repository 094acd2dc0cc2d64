"""For programs: how to ask, with samples that hold the address of whoever reads them, and what each endpoint takes.

The text is text/en/programs.md. Its code is shown with a button that copies it; {{name}} is a place for one of the
parts below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import gradio as gr

from fingerprints.settings import Settings

from ..parts.html import text
from ..parts.layout import markup
from ..parts.words import long_text
from .endpoints import ENDPOINTS, Endpoint

HERE = "http://127.0.0.1:7860/"  # in the samples; the page puts its own address there
_PARTS = re.compile(r"^(?:```(?P<language>\w+)\n(?P<code>.*?)^```|\{\{(?P<place>\w+)\}\})$", re.MULTILINE | re.DOTALL)
# The page's <base> is the address of the app, whatever proxy stands before it. Copying needs HTTPS, or this machine.
_SCRIPT = f"""
const app = new URL('./', document.baseURI).href;
for (const code of element.querySelectorAll('code')) code.textContent = code.textContent.replaceAll('{HERE}', app);
for (const button of element.querySelectorAll('.fp-copy')) {{
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {{
    await navigator.clipboard.writeText(element.querySelector('code').textContent);
    button.textContent = 'Copied';
    setTimeout(() => button.textContent = 'Copy', 2000);
  }});
}}
"""


def programs_page(settings: Settings) -> None:
    places = {"assistants": _assistants_html() if settings.serves_mcp else "", "endpoints": endpoints_html()}
    end = 0
    for part in _PARTS.finditer(whole := long_text("programs")):
        gr.Markdown(whole[end : part.start()], elem_classes="fp-text")
        if part["code"]:
            markup(code_html(part["language"], part["code"]), f"sample-{part['language']}", script=_SCRIPT)
        elif places[part["place"]]:
            markup(places[part["place"]], part["place"], script=_SCRIPT)
        end = part.end()
    gr.Markdown(whole[end:], elem_classes="fp-text")


def samples() -> dict[str, str]:
    """The samples of the page by their language, with the address HERE."""
    return {part["language"]: part["code"] for part in _PARTS.finditer(long_text("programs")) if part["code"]}


def code_html(language: str, code: str) -> str:
    """A block of code that scrolls on its own, by keyboard too."""
    shown = f'<pre tabindex="0" aria-label="Sample in {text(language)}"><code>{text(code)}</code></pre>'
    return f'<div class="fp-code"><button type="button" class="fp-copy">Copy</button>{shown}</div>'


def endpoints_html() -> str:
    return "".join(map(_endpoint_html, ENDPOINTS))


def _endpoint_html(endpoint: Endpoint) -> str:
    takes = _listed("Takes", endpoint.takes) if endpoint.takes else "<p><b>Takes</b> nothing.</p>"
    gives = f"<p><b>Gives</b> {text(_small(endpoint.gives))}</p>{_facts_html(endpoint.keys)}"
    return (
        f'<section class="fp-endpoint" id="endpoint-{text(endpoint.name)}"><h3><code>{text(endpoint.name)}</code></h3>'
        f"<p>{text(endpoint.does)}</p>{takes}{gives}</section>"
    )


def _listed(heading: str, facts: Mapping[str, str]) -> str:
    return f"<p><b>{text(heading)}</b>, in this order:</p>{_facts_html(facts)}"


def _facts_html(facts: Mapping[str, str]) -> str:
    rows = (f"<dt><code>{text(name)}</code></dt><dd>{text(what)}</dd>" for name, what in facts.items())
    return f'<dl class="fp-facts">{"".join(rows)}</dl>' if facts else ""


def _small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _assistants_html() -> str:
    """How an assistant reaches the tools, on a server that has them."""
    return (
        "<h2>For assistants (MCP)</h2><p>This server answers assistants that speak the Model Context Protocol. Give "
        "yours this address; it then finds three tools, which ask about a picture, list the models and compare two of "
        f"them. A picture of up to 15 MB is sent along as base64.</p>{code_html('text', HERE + 'gradio_api/mcp/')}"
    )
