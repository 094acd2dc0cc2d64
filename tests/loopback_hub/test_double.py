"""The double, read by the unmodified client: facts, trees, files, references, history, and what it refuses."""

from __future__ import annotations

import os
import time
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, get_session, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from loopback_hub.double import Hub
from loopback_hub.repositories.repository import Blob

pytestmark = pytest.mark.waits

REPO = "owner/registry"
LARGE = bytes(range(256)) * 40
FILES = {"README.md": b"---\nlicense: mit\ntags: [a]\n---\n# A\n", "a.json": b"{}", "f/g/x.safetensors": LARGE}


@pytest.fixture
def api(hub: Hub) -> HfApi:
    hub.create(REPO, FILES)
    hub.reset()
    return HfApi(token=hub.token)


def download(hub: Hub, path: str, **more: object) -> Path:
    return Path(hf_hub_download(REPO, path, repo_type="dataset", endpoint=hub.endpoint, **more))


def test_it_listens_on_this_machine_alone(hub: Hub) -> None:
    assert hub.endpoint.startswith("http://127.0.0.1:")


def test_facts_of_a_data_set(hub: Hub, api: HfApi) -> None:
    info = api.dataset_info(REPO, files_metadata=True)
    assert (info.sha, info.author, info.private) == (hub.head(REPO), "owner", False)
    assert info.card_data.license == "mit" and info.tags == ["a"]
    assert {s.rfilename: s.size for s in info.siblings if s.lfs} == {"f/g/x.safetensors": len(LARGE)}
    assert api.dataset_info(REPO, expand=["sha"]).siblings is None
    assert api.repo_info(REPO, repo_type="dataset").sha == info.sha
    assert api.file_exists(REPO, "a.json", repo_type="dataset")
    assert [(r.method, r.status) for r in hub.requests] == [("GET", 200)] * 3 + [("HEAD", 200)]


def test_every_way_to_name_a_revision(hub: Hub, api: HfApi) -> None:
    first, second = hub.head(REPO), hub.commit(REPO, {"b": b"b"})
    number = hub.propose(REPO, {"c": b"c"})
    api.create_tag(REPO, tag="v1", revision=first, repo_type="dataset")
    api.create_branch(REPO, branch="next/one", repo_type="dataset")
    names = {"main": second, "v1": first, "next/one": second, first: first, first[:8]: first, "refs/heads/main": second}
    names[f"refs/pr/{number}"] = hub.head(REPO, f"refs/pr/{number}")
    assert {name: api.dataset_info(REPO, revision=name).sha for name in names} == names


def test_a_tree_says_type_size_and_digests(api: HfApi) -> None:
    found = {entry.path: entry for entry in api.list_repo_tree(REPO, repo_type="dataset", recursive=True, expand=True)}
    assert sorted(found) == [".gitattributes", "README.md", "a.json", "f", "f/g", "f/g/x.safetensors"]
    large, small = found["f/g/x.safetensors"], found["a.json"]
    assert large.lfs.sha256 == Blob(LARGE, lfs=True).sha256 and large.size == large.lfs.size == len(LARGE)
    assert small.lfs is None
    assert small.blob_id == "9e26dfeeb6e641a33dae4961196235bdb965b21b"  # git hash-object of {}
    assert small.last_commit.title == "Update"
    top = [entry.path for entry in api.list_repo_tree(REPO, repo_type="dataset")]
    assert top == [".gitattributes", "README.md", "a.json", "f"]
    assert [entry.path for entry in api.list_repo_tree(REPO, "f/g", repo_type="dataset")] == ["f/g/x.safetensors"]


def test_a_tree_comes_in_pages(hub: Hub, api: HfApi) -> None:
    hub.commit(REPO, {f"many/{i:02}": b"." for i in range(25)})
    hub.page_size = 10
    hub.reset()
    assert len(api.list_repo_files(REPO, repo_type="dataset")) == 29
    assert hub.count("GET", "*/tree/*") == 4  # 31 entries, folders included


def test_paths_info(api: HfApi) -> None:
    found = api.get_paths_info(REPO, ["a.json", "f", "not-there"], repo_type="dataset")
    assert [type(entry).__name__ for entry in found] == ["RepoFile", "RepoFolder"]


def test_a_download_is_two_requests_and_then_none(hub: Hub, api: HfApi) -> None:
    sha = hub.head(REPO)
    path = download(hub, "f/g/x.safetensors", revision=sha)
    assert path.read_bytes() == LARGE
    assert path.resolve().name == Blob(LARGE, lfs=True).sha256  # the ETag of a large file
    assert [record.method for record in hub.requests] == ["HEAD", "GET"]
    download(hub, "f/g/x.safetensors", revision=sha)
    assert len(hub.requests) == 2


@pytest.mark.parametrize(
    ("wanted", "status", "piece"),
    [
        ("bytes=0-3", 206, slice(4)),
        ("bytes=10000-", 206, slice(10_000, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=10-99999", 206, slice(10, None)),
        ("bytes=-0", 416, None),
        ("bytes=99999-", 416, None),
        ("bytes=5-3", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_ranges(hub: Hub, api: HfApi, wanted: str, status: int, piece: slice | None) -> None:
    url = f"{hub.endpoint}/datasets/{REPO}/resolve/main/f/g/x.safetensors"
    answer = get_session().get(url, headers={"Range": wanted})
    assert answer.status_code == status
    if piece is not None:
        assert answer.content == LARGE[piece]
    if status == 206:
        assert answer.headers["Content-Range"].endswith(f"/{len(LARGE)}")


def test_a_snapshot_asks_for_every_file(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    folder = Path(snapshot_download(REPO, repo_type="dataset", cache_dir=tmp_path))
    assert {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == hub.files(
        REPO
    )
    hub.commit(REPO, {"a.json": b"[]"})
    hub.reset()
    snapshot_download(REPO, repo_type="dataset", cache_dir=tmp_path)
    assert len(hub.requests) == 2 + 4 + 1  # info, tree; a HEAD for each of four files; one GET


def test_references_and_history(hub: Hub, api: HfApi) -> None:
    sha = hub.commit(REPO, {"b": b"b"}, title="Second")
    api.create_tag(REPO, tag="v1", repo_type="dataset")
    hub.propose(REPO, {"c": b"c"})
    refs = api.list_repo_refs(REPO, repo_type="dataset", include_pull_requests=True)
    assert [(ref.name, ref.target_commit) for ref in (*refs.branches, *refs.tags)] == [("main", sha), ("v1", sha)]
    assert [ref.ref for ref in refs.pull_requests] == ["refs/pr/1"]
    hub.page_size = 2
    commits = api.list_repo_commits(REPO, repo_type="dataset")
    assert [commit.title for commit in commits] == ["Second", "Update", "initial commit"]
    assert commits[0].commit_id == sha and commits[0].authors == ["owner"]


def test_what_is_not_there(hub: Hub, api: HfApi) -> None:
    with pytest.raises(RepositoryNotFoundError) as missing:
        api.dataset_info("owner/other")
    assert missing.value.response.status_code == 404
    with pytest.raises(RepositoryNotFoundError):
        api.model_info(REPO)
    for revision in ("v9", "refs/pr/1", "0" * 40):
        with pytest.raises(RevisionNotFoundError):
            api.dataset_info(REPO, revision=revision)
    with pytest.raises(RemoteEntryNotFoundError) as entry:
        download(hub, "not-there")
    assert entry.value.response.headers["X-Repo-Commit"] == hub.head(REPO)
    with pytest.raises(RemoteEntryNotFoundError):
        list(api.list_repo_tree(REPO, "not-there", repo_type="dataset"))


def test_a_private_repository_shows_itself_to_its_owner_alone(hub: Hub) -> None:
    sha = hub.create("owner/secret", {"a": b"a"}, private=True)
    for token in (hub.token, hub.reader_token):
        assert HfApi(token=token).dataset_info("owner/secret").sha == sha
    for token, status in ((hub.contributor_token, 404), (False, 401)):
        with pytest.raises(RepositoryNotFoundError) as hidden:
            HfApi(token=token).dataset_info("owner/secret")
        assert hidden.value.response.status_code == status
    with pytest.raises(HfHubHTTPError) as unknown:
        HfApi(token="hf_nobody").dataset_info("owner/secret")
    assert unknown.value.response.status_code == 401


def test_who_am_i(hub: Hub) -> None:
    assert HfApi(token=hub.contributor_token).whoami()["name"] == "contributor"
    assert HfApi(token=hub.reader_token).whoami()["auth"]["accessToken"]["role"] == "read"
    with pytest.raises(HfHubHTTPError) as unknown:
        HfApi(token="hf_nobody").whoami()
    assert unknown.value.response.status_code == 401


def test_nobody_is_logged_in_by_accident(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.create("owner/secret", {}, private=True)
    with pytest.raises(RepositoryNotFoundError):
        HfApi().dataset_info("owner/secret")
    monkeypatch.setenv("HF_TOKEN", hub.token)
    assert HfApi().dataset_info("owner/secret").private
    assert [record.token for record in hub.requests] == [None, hub.token]


def test_a_hostile_hub_can_be_played(hub: Hub) -> None:
    hub.create("owner/hostile", {"../../out": b"x", "/etc/x": b"x"})
    assert "../../out" in HfApi().list_repo_files("owner/hostile", repo_type="dataset")
    first = hub.head("owner/hostile")
    hub.commit("owner/hostile", {"a": b"a"})
    hub.point("owner/hostile", "refs/heads/main", first)
    assert HfApi().dataset_info("owner/hostile").sha == first


def test_a_stopped_hub_is_a_refused_connection(hub: Hub, api: HfApi) -> None:
    sha = hub.head(REPO)
    path = download(hub, "a.json", revision=sha)
    hub.stop()
    assert download(hub, "a.json", revision=sha) == path
    with pytest.raises(httpx2.ConnectError):
        api.dataset_info(REPO)


def test_an_answer_takes_about_a_millisecond(hub: Hub, api: HfApi) -> None:
    hub.commit(REPO, {f"many/{i}": b"." for i in range(200)})
    times = []
    for _ in range(30):
        started = time.perf_counter()
        api.dataset_info(REPO)
        times.append(time.perf_counter() - started)
    assert sorted(times)[len(times) // 2] < 0.01  # measured 0.8 ms on an idle machine


def test_the_environment_of_another_program(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_developer")
    monkeypatch.setenv("HUGGINGFACE_HUB_CACHE", os.sep)
    plain, owner = hub.environment(tmp_path), hub.environment(tmp_path, hub.token)
    assert "HF_TOKEN" not in plain and "HUGGINGFACE_HUB_CACHE" not in plain
    assert owner["HF_TOKEN"] == hub.token and owner["PATH"] == os.environ["PATH"]
