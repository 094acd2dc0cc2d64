"""Pictures of every page in every state, to be looked at: ``python -m tests.screenshots DIR`` (make screenshots).

The app runs on the embedded registry in a process of its own; each picture is DIR/STATE-WIDTH-SCHEME.png, in another
language DIR/STATE-WIDTH-SCHEME-LANGUAGE.png.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # tests import each other by name

from playwright.sync_api import sync_playwright

from browsing import running_app
from conftest import CHROMIUM_ARGS, find_chromium, package_photos
from states import JOURNEYS, OWNED, OWNER_JOURNEYS, Files, Journey, make_files

README = {"identify-photo": "identify", "gallery-all": "gallery", "gallery-map": "map", "gallery-compare": "compare"}
_README_HEIGHT = 1230  # whole rows of pictures
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", help="pages whose name begins with this, for example gallery")
    parser.add_argument("--language", default="en", help="that the browser asks for, for example zh")
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS, help="in pixels (default: 1280 390)")
    parser.add_argument("--readme", type=Path, metavar="FOLDER", help="write the README's pictures there as well")
    arguments = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        parser.error("no Chromium found: install the package chromium")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="manifpt-shots-") as scratch, sync_playwright() as playwright:
        files = make_files(Path(scratch), package_photos())
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        for width in arguments.widths:
            for scheme in SCHEMES:
                for settings, journeys in (({}, JOURNEYS), (OWNED, OWNER_JOURNEYS)):
                    chosen = [journey for journey in journeys if journey.__name__.startswith(arguments.only)]
                    if not chosen:
                        continue
                    with running_app(_empty(scratch), {**os.environ, "HF_HUB_OFFLINE": "1", **settings}) as url:
                        take(chosen, browser, url, files, arguments, width, scheme)
        browser.close()


def _empty(scratch: str) -> Path:
    return Path(tempfile.mkdtemp(dir=scratch))


def take(
    journeys: Sequence[Journey],
    browser: Any,
    url: str,
    files: Files,
    arguments: argparse.Namespace,
    width: int,
    scheme: str,
) -> None:
    """All states at one width in one scheme, each in a picture as long as its page."""
    for journey in journeys:
        looks = {"color_scheme": scheme, "reduced_motion": "reduce", "locale": arguments.language}
        context = browser.new_context(viewport={"width": width, "height": 900}, **looks)
        for state, page in journey(context.new_page(), url, files):
            language = "" if arguments.language == "en" else f"-{arguments.language}"
            path = arguments.folder / f"{state}-{width}-{scheme}{language}.png"
            page.screenshot(path=path, full_page=True)
            print(path)
            if arguments.readme and state in README and (width, scheme) == (WIDTHS[0], SCHEMES[0]):
                height = min(_README_HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
                clip = {"x": 0, "y": 0, "width": width, "height": height}
                page.screenshot(path=arguments.readme / f"{README[state]}.png", full_page=True, clip=clip)
        context.close()


if __name__ == "__main__":
    main()
