"""The app's entry, at home and as a Hugging Face Space: ``python app.py [--registry DIR] [--port N]``."""

from __future__ import annotations

import argparse
import threading
from functools import partial
from pathlib import Path

from demo import build_demo, launch_options, warm_up
from fingerprints.errors import UserError
from fingerprints.process import set_threads_and_memory
from fingerprints.settings import Settings
from registry.hub.follow import follower_of
from registry.intake.sandbox import decoders
from registry.storage.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description="Open the app on a registry of fingerprints.")
    place = "its folder (default: $FINGERPRINT_REGISTRY, else your data folder)"
    parser.add_argument("--registry", type=Path, help=place)
    parser.add_argument("--port", type=int, help="(default: $GRADIO_SERVER_PORT, else 7860)")
    arguments = parser.parse_args()
    try:
        settings = Settings.read()
        settings.check()
        store = Store(arguments.registry or settings.folder)
    except UserError as error:
        parser.error(str(error))
    set_threads_and_memory()
    decoders()  # these start while the rest does
    threading.Thread(target=warm_up, args=(store,), daemon=True).start()
    follower = follower_of(settings, store, taken=partial(warm_up, store))
    if follower:
        follower.start()
    app = build_demo(store, follower, settings)
    app.launch(server_port=arguments.port, **launch_options(app, store, settings))


if __name__ == "__main__":
    main()
