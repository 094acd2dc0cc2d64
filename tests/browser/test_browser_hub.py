"""The app that follows a repository of the loopback Hub, in a real browser: it syncs, and a visitor proposes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import contributed, hub_with, opened, running_app
from loopback_hub.double import Hub
from registries import REPO, retitle
from small import COLLECTION, NEWCOMER, Small

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("following")


@pytest.fixture(scope="module")
def hub(small: Small) -> Iterator[Hub]:
    with hub_with(small.folder) as running:
        yield running


@pytest.fixture(scope="module")
def app(hub: Hub, base: Path) -> Iterator[str]:
    with running_app(base, {**hub.environment(base / "home"), "FINGERPRINT_REPO": REPO}) as url:
        yield url


def test_the_registry_page_syncs_and_verifies(app: str, hub: Hub, page: Any) -> None:
    opened(page, f"{app}registry", "#following dl")
    page.wait_for_function(f"document.querySelector('#registry').innerText.includes('{hub.head(REPO)}')")
    assert f"{REPO} on the Hugging Face Hub" in page.inner_text("#registry")
    asks = page.get_attribute("#registry a[href$=discussions]", "href")
    assert asks == f"{hub.endpoint}/datasets/{REPO}/discussions"
    commit = retitle(hub, "nearest", "Closest")
    page.click("#sync")
    page.wait_for_function(f"document.querySelector('#registry').innerText.includes('{commit}')")
    assert f"commit {commit[:12]}" in page.inner_text("#following")
    page.click("#verify")
    page.wait_for_selector("text=whole and as listed")


def test_what_was_added_can_be_proposed_with_ones_own_token(
    app: str, hub: Hub, page: Any, small: Small, base: Path
) -> None:
    contributed(page, app, small.samples[NEWCOMER], NEWCOMER)
    page.wait_for_selector("#done")

    token = "#token input"
    assert page.get_attribute(token, "type") == "password"
    for wrong, words in (("", "there is none"), ("hf_nobody", "did not accept"), (hub.reader_token, "write access")):
        page.fill(token, wrong)
        page.click("#send")
        page.locator("#proposed [role=alert]").filter(has_text=words).wait_for()
        assert page.input_value(token) == ""
    page.fill(token, hub.contributor_token)
    page.click("#send")
    page.wait_for_selector("[data-proposed]")
    assert page.get_attribute("#proposed a", "href") == f"{hub.endpoint}/datasets/{REPO}/discussions/1"
    assert hub.repositories[REPO].discussions[0].author == "contributor" and not page.is_visible(token)
    assert any(path.startswith(f"{COLLECTION}/generators/{NEWCOMER}/") for path in hub.files(REPO, "refs/pr/1"))

    secrets = (hub.contributor_token, "hf_nobody", hub.reader_token)
    kept = [path.read_bytes() for path in base.rglob("*") if path.is_file()]
    assert kept and not [secret for secret in secrets for data in kept if secret.encode() in data]
    assert not [secret for secret in secrets if secret in page.content()]
