"""What the double can let go wrong, and what the unmodified client makes of it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import HfHubHTTPError

from loopback_hub.double import Hub
from loopback_hub.faults import Fault

pytestmark = pytest.mark.waits

REPO = "owner/registry"
LARGE = bytes(range(256)) * 1000


@pytest.fixture
def api(hub: Hub) -> HfApi:
    hub.create(REPO, {"a.json": b"{}", "x.safetensors": LARGE})
    hub.reset()
    return HfApi(token=hub.token)


def download() -> bytes:
    return Path(hf_hub_download(REPO, "x.safetensors", repo_type="dataset")).read_bytes()


def test_an_answer_in_its_place(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(status=503), path="/api/datasets/*", times=1)
    with pytest.raises(HfHubHTTPError) as error:
        api.dataset_info(REPO)
    assert error.value.response.status_code == 503
    assert api.dataset_info(REPO).sha == hub.head(REPO)
    assert [record.status for record in hub.requests] == [503, 200]


def test_too_many_requests(hub: Hub, api: HfApi) -> None:
    rule = hub.inject(Fault(status=429, retry_after=1), path="*/resolve/*", method="GET", times=1)
    started = time.perf_counter()
    assert download() == LARGE
    assert time.perf_counter() - started >= 1.0
    assert rule.hits == 1 and hub.count("GET", "*/resolve/*") == 2


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client resumes from the last whole chunk that it has written; by default a chunk has 10 MiB."""
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 50_000)


@pytest.mark.usefixtures("small_chunks")
def test_a_dropped_connection_is_taken_up_where_it_broke(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(drop=100_000), path="*/resolve/*", method="GET", times=1)
    assert download() == LARGE
    first, second = [record for record in hub.requests if record.method == "GET"]
    assert (first.sent, second.status, second.sent) == (100_000, 206, len(LARGE) - 100_000)


def test_a_connection_that_breaks_before_the_answer(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(drop=0), path="/api/datasets/*", times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.dataset_info(REPO)
    assert api.dataset_info(REPO).sha == hub.head(REPO)


def test_a_commit_whose_answer_is_lost_has_happened(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(drop=0), path="*/commit/*", times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.upload_file(path_or_fileobj=b"new", path_in_repo="a.json", repo_id=REPO, repo_type="dataset")
    assert hub.files(REPO)["a.json"] == b"new"


def test_a_truncated_body(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(truncate=1000), path="*/resolve/*", method="GET")
    with pytest.raises(OSError, match="Consistency check failed"):
        download()


@pytest.mark.parametrize("position", [0, 1234, -1])
def test_a_flipped_byte_is_accepted_by_the_client(hub: Hub, api: HfApi, tmp_path: Path, position: int) -> None:
    hub.inject(Fault(flip=position), path="*/x.safetensors")
    folder = snapshot_download(REPO, repo_type="dataset", cache_dir=tmp_path)
    found = (Path(folder) / "x.safetensors").read_bytes()
    assert [i for i in range(len(LARGE)) if found[i] != LARGE[i]] == [position % len(LARGE)]


def test_nonsense_in_place_of_json(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(body=b"<html>maintenance</html>"), path="/api/*", times=1)
    with pytest.raises(ValueError, match="Expecting value"):
        api.dataset_info(REPO)
    hub.inject(Fault(body=b"[]"), path="/api/*", times=1)
    with pytest.raises(TypeError):
        api.dataset_info(REPO)


def test_a_late_answer(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(delay=0.2), path="/api/*", times=1)
    started = time.perf_counter()
    api.dataset_info(REPO)
    assert time.perf_counter() - started >= 0.2
    hub.inject(Fault(delay=30), path="/api/*", times=1)
    with pytest.raises(httpx2.TimeoutException):
        api.dataset_info(REPO, timeout=0.1)


@pytest.mark.usefixtures("small_chunks")
def test_a_stalled_body(hub: Hub, api: HfApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.2)
    hub.inject(Fault(stall=(100_000, 30)), path="*/resolve/*", method="GET", times=1)
    assert download() == LARGE
    assert [record.status for record in hub.requests if record.method == "GET"] == [200, 206]


def test_a_stall_ends_with_the_server(hub: Hub, api: HfApi) -> None:
    hub.inject(Fault(stall=(0, 600)), path="/api/*")
    with pytest.raises(httpx2.TimeoutException):
        api.dataset_info(REPO, timeout=0.1)
    started = time.perf_counter()
    hub.stop()
    assert time.perf_counter() - started < 2.0


def test_only_some_requests_are_struck(hub: Hub, api: HfApi) -> None:
    rule = hub.inject(Fault(status=500), path=f"/api/datasets/{REPO}", skip=1, times=2)
    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(api.dataset_info(REPO).sha == hub.head(REPO))
        except HfHubHTTPError as error:
            outcomes.append(error.response.status_code)
    assert outcomes == [True, 500, 500, True] and rule.hits == 2
    hub.inject(Fault(status=500))
    hub.reset()
    assert api.dataset_info(REPO).id == REPO and len(hub.requests) == 1


def test_a_mistake_of_the_double_is_printed(hub: Hub, api: HfApi, capfd: pytest.CaptureFixture[str]) -> None:
    hub.repositories[REPO].references["refs/heads/main"] = "gone"
    with pytest.raises(httpx2.RemoteProtocolError):
        api.dataset_info(REPO)
    assert "KeyError: 'gone'" in capfd.readouterr().err


def test_another_program_uses_the_double(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    code = f"from huggingface_hub import HfApi; print(HfApi().dataset_info({REPO!r}).sha, HfApi().whoami()['name'])"
    environment = hub.environment(tmp_path, hub.contributor_token)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [hub.head(REPO), "contributor"]


@pytest.mark.slow
def test_datasets_streams_from_the_double(hub: Hub, tmp_path: Path) -> None:
    hub.create("owner/numbers", {"train.jsonl": b'{"x": 1}\n{"x": 2}\n', "test.jsonl": b'{"x": 3}\n'})
    code = (
        "from datasets import load_dataset\n"
        "print([row['x'] for row in load_dataset('owner/numbers', split='train', streaming=True)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=hub.environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[1, 2]"
