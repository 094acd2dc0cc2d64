"""The fixture ``hub``: a running double of the Hub that the imported client already speaks to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .double import CLIENT_SETTINGS, Hub


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A fresh, empty Hub, stopped at the end of the test.

    huggingface_hub reads HF_ENDPOINT, HF_HOME, HF_HUB_OFFLINE and HF_HUB_DISABLE_XET once, when it is imported, and in
    this process that has happened long ago (or must not happen with the address of a server that is gone after one
    test). So:

    - Here, in the process of the tests, the values that it read are replaced for the length of the test, and the
      variables too. HfApi(), hf_hub_download() and the like speak to the double without an ``endpoint=``; with
      ``endpoint=hub.endpoint`` they do so all the same. There is no token but the one that a test passes or puts into
      HF_TOKEN, and the cache is an empty folder.
    - Programs of their own take ``env=hub.environment(folder, token=...)``.

    Retries are the client's own: after a 500 or a dropped connection it waits a second or more. To make it give up on a
    stalled answer sooner, set huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT (HEAD: HF_HUB_ETAG_TIMEOUT).
    """
    running = Hub().start()
    _redirect(monkeypatch, running.endpoint, tmp_path_factory.mktemp("hub-home"))
    yield running
    running.stop()
    _close_session()


def _redirect(monkeypatch: pytest.MonkeyPatch, endpoint: str, home: Path) -> None:
    """Let the client of this process use the double. Imported first, so that it reads none of the new variables."""
    from huggingface_hub import constants, hf_api

    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), **CLIENT_SETTINGS}.items():
        monkeypatch.setenv(name, value)
    values: dict[str, object] = {
        "ENDPOINT": endpoint,
        "HUGGINGFACE_CO_URL_TEMPLATE": endpoint + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HOME": str(home),
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_TOKEN_PATH": str(home / "token"),
        "HF_STORED_TOKENS_PATH": str(home / "stored_tokens"),
        "HF_HUB_OFFLINE": False,
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_DISABLE_TELEMETRY": True,
    }
    for name, constant in values.items():
        monkeypatch.setattr(constants, name, constant)
    monkeypatch.setattr(hf_api.api, "endpoint", endpoint)
    if "datasets" in sys.modules:
        _redirect_datasets(monkeypatch, endpoint)
    _close_session()


def _redirect_datasets(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    from datasets import config

    monkeypatch.setattr(config, "HF_ENDPOINT", endpoint)
    monkeypatch.setattr(config, "HUB_DATASETS_URL", endpoint + "/datasets/{repo_id}/resolve/{revision}/{path}")
    monkeypatch.setattr(config, "HF_HUB_OFFLINE", False)


def _close_session() -> None:
    """Drop the connections that the client keeps open, so that none outlives its server."""
    from huggingface_hub import close_session

    close_session()
