"""The shell around the pages: one header, one footer, one look."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from starlette.middleware import Middleware

from fingerprints.errors import UserError
from fingerprints.images.image import from_pixels
from fingerprints.sentence import said
from fingerprints.settings import Settings
from registry.answers.identify import identify
from registry.hub.follow import Follower
from registry.storage.store import Store

from .batch.downloads import download_routes
from .batch.jobs import BATCHES
from .batch.page import batch_page
from .contribute.jobs import Jobs
from .contribute.page import contribute_page
from .gallery.page import gallery_page
from .language.addresses import Addresses
from .language.choosing import CHOOSING, choice_html
from .language.served import Texts
from .links.keeping import Links
from .links.page import ADDRESS, answer_routes
from .pages.about import about_page
from .pages.identify import identify_page
from .pages.linked import Linked, Linking, picture_route
from .pages.owner import owner_page
from .pages.registry import registry_page
from .parts.html import text
from .parts.layout import markup
from .parts.theme import HEAD, LABELS, theme
from .parts.words import IN_ONE_SENTENCE, TITLE
from .programs.api import endpoints
from .programs.assistants import programs_again
from .programs.page import programs_page
from .server.health import health_route
from .server.limits import UPLOAD_BYTES, Guard

_FREQUENCY, _AGE = 300, 3300  # seconds; so that nothing is older than the hour that the pages promise
_QUEUE = 64  # events of the other kinds that may wait
_THREADS = 100  # each one in line keeps one, asleep
_SESSIONS = 256  # that Gradio keeps, each with a copy of all components' settings
# After each event Gradio would count the last 10,000 again, in a table of pandas: for a page that nobody sees, at the
# price of time and memory that grow with what was counted.
_NO_COUNTING = {"GRADIO_ANALYTICS_MAX_EVENTS": "64", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**12)}
_HERE = Path(__file__).parent
_LINK_PICTURE = _HERE / "assets" / "identify.png"
_PAGES = (
    (said("Identify"), ""),
    (said("Many pictures"), "batch"),
    (said("Gallery"), "gallery"),
    (said("Contribute"), "contribute"),
    (said("Registry"), "registry"),
    (said("About"), "about"),
)
_FOOT = ((said("For programs"), "programs"),)
ENGLISH_ONLY = ("programs", "owner")  # pages that are in no other language


def build_demo(store: Store, follower: Follower | None = None, settings: Settings | None = None) -> gr.Blocks:
    """The whole app over one registry folder, which ``follower`` keeps at the newest commit of a repository. Without
    ``settings``, with those of the environment."""
    settings = settings or Settings.read()
    for variable, value in _NO_COUNTING.items():
        os.environ.setdefault(variable, value)
    jobs = Jobs((UserError,))
    builders: dict[str, Callable[[Store, gr.Blocks], None]] = {
        "": lambda store, page: identify_page(store, Links.of(store, settings), page),
        "batch": lambda store, page: batch_page(store, BATCHES, page),
        "gallery": gallery_page,
        "contribute": lambda store, page: contribute_page(settings, store, follower, jobs, page),
        "registry": lambda store, page: registry_page(settings, store, follower, page),
        "about": about_page,
        "programs": lambda store, page: programs_page(settings),
    }
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(_FREQUENCY, _AGE)) as demo:
        _page("", builders[""], store, demo)
        endpoints(settings, store, jobs)
    for name, path in (*_PAGES[1:], *_FOOT):
        with demo.route(str(name), path):
            _page(path, builders[path], store, demo)
    if settings.has_owner:
        with demo.route("Owner", "owner"):
            _page("owner", partial(owner_page, settings), store, demo)
    demo.queue(max_size=_QUEUE)
    return demo


def launch_options(app: gr.Blocks, store: Store, settings: Settings | None = None) -> dict[str, Any]:
    """Arguments of the launch() of this app: the look, the languages, what a stranger's browser may do, what a link
    looks like elsewhere, the health of the registry at /health, and what batches have to download."""
    settings = settings or Settings.read()
    titles = _titles(settings)
    linking = Linking(titles, IN_ONE_SENTENCE, Texts(app, LABELS))
    layers = [
        Middleware(Addresses, [path for path in titles if path not in ENGLISH_ONLY], ENGLISH_ONLY, ADDRESS),
        Middleware(Guard, settings),
        Middleware(Linked, linking),
    ]
    links = Links.of(store, settings)
    links.start()
    routes = [health_route(store), picture_route(_LINK_PICTURE), *download_routes(BATCHES)]
    routes += answer_routes(links, lambda path: (_header(path), _footer(path)))
    lifespan = {"lifespan": programs_again} if settings.serves_mcp else {}
    return {
        "theme": theme(),
        "css_paths": [_HERE / "style.css", _HERE / "links" / "links.css"],
        "head": HEAD,
        "i18n": gr.I18n(en=LABELS),
        "ssr_mode": False,
        "share": False,
        "show_error": False,
        "strict_cors": True,
        "max_file_size": UPLOAD_BYTES,
        "max_threads": _THREADS,
        "state_session_capacity": _SESSIONS,
        "app_kwargs": {"middleware": layers, "routes": routes, **lifespan},
        "footer_links": [],  # "For programs" is a page of ours; Gradio's lists only what is on the page that is open
        "mcp_server": settings.serves_mcp,
    }


def warm_up(store: Store) -> None:
    """Answer a grey picture of each size, so that the first visitor waits neither for the disk nor for the network."""
    try:
        snapshot = store.snapshot()
        for collection in snapshot.collections.values():
            side = collection.form.min_side
            grey = from_pixels(np.full((side, side, 3), 128, np.uint8))
            for _ in identify(snapshot, grey, collection.name):
                pass
    except UserError:
        return  # an empty or damaged registry; every page says so itself


def _titles(settings: Settings) -> dict[str, str]:
    """What a link to each page is called."""
    pages = (*_PAGES, *_FOOT, *([("Owner", "owner")] if settings.has_owner else []))
    return {path: said("{page} – {title}", page=name, title=TITLE) if path else TITLE for name, path in pages}


def _page(path: str, build: Callable[[Store, gr.Blocks], None], store: Store, demo: gr.Blocks) -> None:
    gr.Navbar(visible=False)
    markup(partial(_header, path), "header", CHOOSING)
    build(store, demo)
    markup(partial(_footer, path), "footer")


def _header(current: str) -> str:
    title = f"<h1>{text(TITLE)}</h1>" if current == "" else f'<p class="fp-title"><a href="./">{text(TITLE)}</a></p>'
    pages = f'<nav aria-label="{text(said("Pages"))}">{_links(_PAGES, current)}</nav>'
    choice = "" if current in ENGLISH_ONLY else choice_html(current)
    return f'<header class="fp-header">{title}{pages}{choice}</header>'


def _footer(current: str) -> str:
    return f'<footer class="fp-footer">{_links(_FOOT, current)}</footer>'


def _links(pages: Iterable[tuple[str, str]], current: str) -> str:
    return "".join(
        f'<a href="./{path}"{" aria-current=page" if path == current else ""}>{text(name)}</a>' for name, path in pages
    )
