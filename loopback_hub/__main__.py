"""The double by hand: python -m loopback_hub (make hub). It holds the embedded registry as owner/fingerprints."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from registry.storage.store import BUILTIN

from .double import CLIENT_SETTINGS, Hub

REPO = "owner/fingerprints"
_COLLECTION = "text-to-image"
_TOUR = """\
A Hugging Face Hub at {hub.endpoint} holds the embedded registry as {repo}. It ends with Ctrl-C, and forgets everything.

In another terminal, in this folder:

{settings}
export HF_HOME={home}/huggingface

# Take what is published. Anybody may.
{run} sync {repo} --registry {home}/owner

# As the owner: withdraw a generator, and publish that.
export HF_TOKEN={hub.token}
{run} remove {name} --collection {collection} --registry {home}/owner
{run} push {repo} --registry {home}/owner

# As a contributor, who may not push: propose it again. A fresh registry still has it.
export HF_TOKEN={hub.contributor_token}
{run} propose {repo} {name} --collection {collection} --registry {home}/contributor

# As the owner again: look at the proposal, and publish it.
export HF_TOKEN={hub.token}
{run} review {repo} 1 --registry {home}/owner
{run} merge {repo} 1 --registry {home}/owner

# Anybody gets it back.
unset HF_TOKEN
{run} sync {repo} --registry {home}/owner

# The app can follow the repository: FINGERPRINT_REPO={repo} {python} app.py
# A token that only reads, to see a refusal: HF_TOKEN={hub.reader_token}

Requests:
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loopback_hub", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: one that is free")
    port = parser.parse_args(arguments).port
    try:
        hub = Hub(port)
    except OSError as error:
        print(
            f"Port {port} cannot be used: {error.strerror}; leave out --port to take one that is free.", file=sys.stderr
        )
        return 1
    files = {path.relative_to(BUILTIN).as_posix(): path.read_bytes() for path in BUILTIN.rglob("*") if path.is_file()}
    hub.create(REPO, files)
    hub.start()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell that put this into the background ignores them
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="hub-") as home:
        try:
            print(_tour(hub, files, home), flush=True)
            _show_requests(hub)
        except KeyboardInterrupt:
            print("\nstopped.")
        finally:
            hub.stop()
    return 0


def _tour(hub: Hub, files: dict[str, bytes], home: str) -> str:
    generators = json.loads(files["registry.json"])["collections"][_COLLECTION]["generators"]
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    settings = {"HF_ENDPOINT": hub.endpoint, **CLIENT_SETTINGS}
    return _TOUR.format(
        hub=hub,
        repo=REPO,
        home=home,
        name=min(generators),
        collection=_COLLECTION,
        settings="\n".join(f"export {name}={value}" for name, value in settings.items()),
        python=python,
        run=f"{python} -m registry",
    )


def _show_requests(hub: Hub) -> None:
    """One line for each request, until interrupted."""
    shown = 0
    while True:
        time.sleep(0.1)
        for record in hub.requests[shown:]:
            shown += 1
            print(f"{record.status} {record.method} {record.path} ({record.sent:,} bytes)", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
