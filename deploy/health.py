"""Ends with 0 when the app on this machine can answer, with 1 when not: what the container's HEALTHCHECK runs.

It imports nothing of the app, whose packages take seconds to load.
"""

from __future__ import annotations

import os
import sys
import urllib.request

_SECONDS = 8  # less than the HEALTHCHECK waits


def main() -> int:
    port = os.environ.get("GRADIO_SERVER_PORT", "7860")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=_SECONDS) as answer:
            print(answer.read().decode())
    except OSError as error:  # urllib's errors are all of this kind, an answer of 503 too
        print(f"The app does not answer well: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
