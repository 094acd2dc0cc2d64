"""The double, written to by the unmodified client: repositories, commits, large files, branches and tags."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi, get_session
from huggingface_hub.errors import (
    BadRequestError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from loopback_hub.double import Hub

pytestmark = pytest.mark.waits

REPO = "owner/registry"
LARGE = b"\0large" * 1000


@pytest.fixture
def api(hub: Hub) -> HfApi:
    hub.create(REPO, {"a.json": b"{}", "f/x.safetensors": LARGE, "f/y.json": b"1"})
    hub.reset()
    return HfApi(token=hub.token)


def commit(api: HfApi, *operations: object, **more: object) -> object:
    return api.create_commit(REPO, operations, commit_message="A change", repo_type="dataset", **more)


def status(refused: Callable[[], object]) -> int:
    with pytest.raises(HfHubHTTPError) as error:
        refused()
    return error.value.response.status_code


def post(hub: Hub, path: str, content: bytes | dict, token: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token or hub.token}"}
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return get_session().post(hub.endpoint + path, content=body, headers=headers)


def test_create_and_delete_a_repository(hub: Hub) -> None:
    api = HfApi(token=hub.token)
    url = api.create_repo("owner/new", repo_type="dataset", private=True)
    assert (url.repo_id, url.repo_type) == ("owner/new", "dataset")
    assert api.dataset_info("owner/new").private
    assert list(hub.files("owner/new")) == [".gitattributes"]
    assert api.create_repo("owner/new", repo_type="dataset", exist_ok=True) == url
    assert status(lambda: api.create_repo("owner/new", repo_type="dataset")) == 409
    api.delete_repo("owner/new", repo_type="dataset")
    assert not api.repo_exists("owner/new", repo_type="dataset")


def test_who_may_not_create(hub: Hub) -> None:
    for token, expected in ((hub.reader_token, 403), (hub.contributor_token, 403), (False, 401)):
        api = HfApi(token=token)
        assert status(lambda api=api: api.create_repo("owner/new", repo_type="dataset")) == expected
    assert hub.repositories == {}


def test_a_folder_goes_up_in_one_commit(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    for path, data in {"a.json": b"{}", "b.json": b"2", "f/x.safetensors": LARGE, "n.safetensors": LARGE * 2}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    before = hub.head(REPO)
    done = api.upload_folder(repo_id=REPO, folder_path=tmp_path, repo_type="dataset", parent_commit=before)
    assert done.oid == hub.head(REPO) and hub.repositories[REPO].commits[done.oid].parent == before
    assert hub.files(REPO)["b.json"] == b"2" and hub.files(REPO)["n.safetensors"] == LARGE * 2
    assert hub.count("PUT", "/lfs/*") == hub.count("POST", "*/verify") == 1  # the other large file was there
    assert hub.count("POST", "*/commit/main") == 1


def test_nothing_new_is_no_commit(hub: Hub, api: HfApi) -> None:
    before = hub.head(REPO)
    same = [CommitOperationAdd("a.json", b"{}"), CommitOperationAdd("f/x.safetensors", LARGE)]
    assert commit(api, *same).oid == before
    assert hub.count("POST", "*/commit/*") == 0


def test_delete_and_copy(hub: Hub, api: HfApi) -> None:
    commit(api, CommitOperationCopy("f/x.safetensors", "z.safetensors"), CommitOperationDelete("f/"))
    assert sorted(hub.files(REPO)) == [".gitattributes", "a.json", "z.safetensors"]
    commit(api, CommitOperationDelete("a.json"))
    assert "a.json" not in hub.files(REPO)
    with pytest.raises(RemoteEntryNotFoundError):
        commit(api, CommitOperationDelete("a.json"))


def test_a_large_file_goes_where_its_name_its_size_or_its_bytes_say(hub: Hub, api: HfApi) -> None:
    commit(api, *(CommitOperationAdd(path, data) for path, data in {
        "text.json": b"text", "text.safetensors": b"text", "binary": b"\0", "empty.safetensors": b"",
        "long.txt": b"x" * (10 * 1024 * 1024),
    }.items()))  # fmt: skip
    files = hub.repositories[REPO].resolve("main").files
    assert [path for path, blob in files.items() if blob.lfs] == [
        "f/x.safetensors",
        "text.safetensors",
        "binary",
        "long.txt",
    ]


def test_a_large_file_in_chunks(hub: Hub, api: HfApi) -> None:
    oid = hashlib.sha256(LARGE * 3).hexdigest()
    href = _announce(hub, oid, len(LARGE) * 3)["upload"]["href"]
    assert get_session().put(href, content=iter([LARGE] * 3)).status_code == 200
    assert hub.repositories[REPO].lfs[oid] == LARGE * 3


def test_a_stale_parent(hub: Hub, api: HfApi) -> None:
    before = hub.head(REPO)
    hub.commit(REPO, {"b": b"b"})
    now = hub.head(REPO)
    assert status(lambda: commit(api, CommitOperationAdd("c", b"c"), parent_commit=before)) == 412
    assert hub.head(REPO) == now
    commit(api, CommitOperationAdd("c", b"c"), parent_commit=now)
    assert {"b", "c"} <= set(hub.files(REPO))


def test_who_may_not_commit(hub: Hub, api: HfApi) -> None:
    before, add = hub.head(REPO), CommitOperationAdd
    assert status(lambda: commit(HfApi(token=hub.reader_token), add("c", b"c"))) == 403
    assert status(lambda: commit(HfApi(token=hub.reader_token), add("c", b"c"), create_pr=True)) == 403
    assert status(lambda: commit(HfApi(token="hf_nobody"), add("c", b"c"))) == 401
    with pytest.raises(RepositoryNotFoundError) as anonymous:
        commit(HfApi(token=False), add("c", b"c"))
    assert anonymous.value.response.status_code == 401
    with pytest.raises(HfHubHTTPError, match="create_pr=1"):
        commit(HfApi(token=hub.contributor_token), add("c", b"c"))
    # Not even when the client's polite question before is left out.
    lines = b'{"key":"header","value":{"summary":"s"}}\n{"key":"deletedFile","value":{"path":"a.json"}}\n'
    assert post(hub, f"/api/datasets/{REPO}/commit/main", lines, hub.contributor_token).status_code == 403
    assert hub.head(REPO) == before


def test_a_commit_needs_a_branch(hub: Hub, api: HfApi) -> None:
    api.create_tag(REPO, tag="v1", repo_type="dataset")
    for revision in ("not-there", "v1", hub.head(REPO)):
        with pytest.raises(RevisionNotFoundError):
            commit(api, CommitOperationAdd("c", b"c"), revision=revision)


def _announce(hub: Hub, oid: str, size: int) -> dict:
    asked = {"operation": "upload", "transfers": ["basic"], "objects": [{"oid": oid, "size": size}]}
    return post(hub, f"/datasets/{REPO}.git/info/lfs/objects/batch", asked).json()["objects"][0]["actions"]


def test_a_wrong_large_file_is_refused(hub: Hub, api: HfApi) -> None:
    data = b"these bytes"
    oid = hashlib.sha256(data).hexdigest()
    href = _announce(hub, oid, len(data))["upload"]["href"]
    assert get_session().put(href, content=b"those bytes").status_code == 400  # another digest
    assert get_session().put(href, content=data + b".").status_code == 400  # another size
    assert get_session().put(href.replace("signature=", "signature=0"), content=data).status_code == 403
    assert post(hub, f"/lfs/{REPO}/{oid}/verify", {"size": len(data)}).status_code == 404
    assert _committed_as_large(hub, oid, len(data)) == 400  # never arrived
    assert get_session().put(href, content=data).status_code == 200
    assert post(hub, f"/lfs/{REPO}/{oid}/verify", {"size": 1}).status_code == 400
    assert _committed_as_large(hub, oid, 1) == 400
    assert _committed_as_large(hub, oid, len(data)) == 200
    assert hub.files(REPO)["n.bin"] == data


def _committed_as_large(hub: Hub, oid: str, size: int) -> int:
    file = {"path": "n.bin", "algo": "sha256", "oid": oid, "size": size}
    return _send(hub, [("header", {"summary": "s"}), ("lfsFile", file)])


def _send(hub: Hub, lines: list[tuple[str, dict]]) -> int:
    body = "\n".join(json.dumps({"key": key, "value": value}) for key, value in lines).encode()
    return post(hub, f"/api/datasets/{REPO}/commit/main", body).status_code


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("file", {"path": "b", "content": "Yg=="})],
        [("header", {"summary": ""}), ("file", {"path": "b", "content": "Yg=="})],
        [("header", {"summary": "s"}), ("file", {"path": "b", "content": "not base64"})],
        [("header", {"summary": "s"}), ("file", {"path": "../b", "content": "Yg=="})],
        [("header", {"summary": "s"}), ("file", {"path": "/b", "content": "Yg=="})],
        [("header", {"summary": "s"}), ("file", {"path": ".git/config", "content": "Yg=="})],
        [("header", {"summary": "s"}), ("rename", {"path": "a.json"})],
    ],
)
def test_a_commit_that_makes_no_sense(hub: Hub, api: HfApi, lines: list) -> None:
    before = hub.head(REPO)
    assert _send(hub, lines) == 400
    assert hub.head(REPO) == before


def test_a_path_is_a_file_or_a_folder(hub: Hub, api: HfApi) -> None:
    assert status(lambda: commit(api, CommitOperationAdd("a.json/b", b"b"))) == 409


def test_a_card_is_checked(hub: Hub, api: HfApi) -> None:
    before = hub.head(REPO)
    for text in ("---\nlicense: [\n---\n", "---\ntags: [1]\n---\n", "---\n- a\n---\n"):
        with pytest.raises(ValueError, match="Invalid metadata"):
            commit(api, CommitOperationAdd("README.md", text.encode()))
    assert hub.head(REPO) == before
    with pytest.warns(UserWarning, match="empty or missing"):
        commit(api, CommitOperationAdd("README.md", b"# No metadata\n"))
    commit(api, CommitOperationAdd("README.md", b"---\nlicense: mit\npretty_name: A\n---\n"))
    assert api.dataset_info(REPO).card_data.pretty_name == "A"


def test_branches_and_tags(hub: Hub, api: HfApi) -> None:
    first = hub.head(REPO)
    api.create_branch(REPO, branch="next", repo_type="dataset")
    api.create_tag(REPO, tag="v1", repo_type="dataset", tag_message="One")
    commit(api, CommitOperationAdd("b", b"b"), revision="next")
    assert "b" in hub.files(REPO, "next") and "b" not in hub.files(REPO) and hub.head(REPO, "v1") == first
    assert status(lambda: api.create_tag(REPO, tag="v1", repo_type="dataset")) == 409
    api.create_tag(REPO, tag="v1", repo_type="dataset", exist_ok=True)
    api.create_branch(REPO, branch="next", repo_type="dataset", exist_ok=True)
    api.delete_tag(REPO, tag="v1", repo_type="dataset")
    api.delete_branch(REPO, branch="next", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        api.delete_tag(REPO, tag="v1", repo_type="dataset")
    with pytest.raises(BadRequestError):
        api.delete_branch(REPO, branch="main", repo_type="dataset")
    with pytest.raises(BadRequestError):
        api.create_branch(REPO, branch="a..b", repo_type="dataset")
    stranger = HfApi(token=hub.contributor_token)
    assert status(lambda: stranger.create_tag(REPO, tag="v2", repo_type="dataset")) == 403
