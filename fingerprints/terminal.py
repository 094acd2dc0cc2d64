"""What a command says beside its results: to stderr, at once."""

from __future__ import annotations

import sys


def tell(text: str, end: str = "\n") -> None:
    print(text, file=sys.stderr, end=end, flush=True)
