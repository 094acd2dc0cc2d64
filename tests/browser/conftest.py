"""What the browser looks at, where a file of tests needs nothing special of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from browsing import running_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app on a registry of its own, without the Hub."""
    with running_app(tmp_path_factory.mktemp("app"), {**os.environ, "HF_HUB_OFFLINE": "1"}) as url:
        yield url
