"""How files get in: where each goes, the large file storage, and the commit."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Any

from ..repositories.accounts import check_proposes, check_writes
from ..repositories.errors import HubError, bad_request, forbidden, no_revision
from ..repositories.exchange import Answer, Call, json_answer
from ..repositories.repository import (
    LFS_FROM_BYTES,
    Blob,
    Commit,
    Repository,
    applied,
    check_fits,
    check_parent,
    check_path,
    is_lfs,
)

_HINT = ". Pass `create_pr=1` as a query parameter to create a Pull Request"


def preupload(call: Call) -> Answer:
    """For each file: into git or into the large file storage, and the id of what is there now."""
    _, head = _target(call)
    files = []
    for asked in call.json().get("files", []):
        path, size, sample = str(asked["path"]), int(asked["size"]), base64.b64decode(asked["sample"])
        there = head.files.get(path)
        mode = "lfs" if is_lfs(path, size, sample, head) else "regular"
        known = None if there is None else there.sha256 if there.lfs else there.oid
        files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": known})
    return json_answer({"files": files})


def lfs_batch(call: Call) -> Answer:
    """Where to send the objects that are not there yet (git-lfs, docs/api/batch.md)."""
    repository = call.repository
    check_proposes(call.account)
    objects: list[dict[str, Any]] = []
    for asked in call.json().get("objects", []):
        oid, size = str(asked["oid"]), int(asked["size"])
        answer: dict[str, Any] = {"oid": oid, "size": size}
        if not re.fullmatch("[0-9a-f]{64}", oid):
            answer["error"] = {"code": 422, "message": "The oid is not a sha256"}
        elif oid not in repository.lfs:
            href = f"{call.hub.endpoint}/lfs/{repository.id}/{oid}"
            signature = call.hub.signature(f"{repository.id} {oid} {size}")
            answer["actions"] = {
                "upload": {"href": f"{href}?size={size}&signature={signature}"},
                "verify": {"href": f"{href}/verify"},
            }
        objects.append(answer)
    return json_answer({"transfer": "basic", "objects": objects})


def lfs_put(call: Call) -> Answer:
    """One object. The signed address stands in for a token, as with the storage that the real Hub points to."""
    repo, oid, size = call.parts["repo"], call.parts["name"], call.number("size")
    repository = call.hub.repositories.get(repo)
    if repository is None or call.query.get("signature") != [call.hub.signature(f"{repo} {oid} {size}")]:
        raise forbidden("This upload address was not signed by the Hub")
    if len(call.body) != size:
        raise bad_request(f"The object was announced with {size} bytes; {len(call.body)} arrived")
    if hashlib.sha256(call.body).hexdigest() != oid:
        raise bad_request("The sha256 of the object is not the one that was announced")
    repository.lfs[oid] = call.body
    return Answer()


def lfs_verify(call: Call) -> Answer:
    repository = call.repository
    check_proposes(call.account)
    data = repository.lfs.get(call.parts["name"])
    if data is None:
        raise HubError(404, "The object was not uploaded")
    if len(data) != call.json().get("size"):
        raise bad_request(f"The object has {len(data)} bytes, not {call.json().get('size')}")
    return json_answer({})


def commit(call: Call) -> Answer:
    """Lines of JSON, a header and then the operations: to a branch, to a pull request, or as a new pull request.

    parentCommit is what a new pull request starts from; otherwise it must be the head still, or the answer is 412.
    """
    repository, head = _target(call)
    header, operations = _lines(call.body)
    title, message = str(header.get("summary") or ""), str(header.get("description") or "")
    if not title:
        raise bad_request("The commit has no summary")
    author, parent = check_proposes(call.account).name, header.get("parentCommit")
    if not call.flag("create_pr"):
        check_parent(parent, head)
    elif parent:
        head = repository.resolve(str(parent))
    files = _applied(repository, head, operations)
    answer: dict[str, Any] = {"success": True, "hookOutput": ""}
    reference = repository.reference(call.revision)
    page = f"{call.hub.endpoint}/datasets/{repository.id}"
    if call.flag("create_pr"):
        discussion = repository.open_pull_request(author, title, message, head)
        reference = discussion.reference
        answer["pullRequestUrl"] = f"{page}/discussions/{discussion.num}"
    oid = repository.commit(reference, files, title, message, author).oid
    return json_answer({**answer, "commitOid": oid, "commitUrl": f"{page}/commit/{oid}"})


def _target(call: Call) -> tuple[Repository, Commit]:
    """What a commit goes on top of, if the caller may put it there."""
    repository = call.repository
    head = repository.resolve(call.revision)
    reference = repository.reference(call.revision)
    if call.flag("create_pr"):
        check_proposes(call.account)
    elif reference.startswith("refs/pr/"):
        discussion = repository.discussion(int(reference.removeprefix("refs/pr/")))
        if check_proposes(call.account).name != discussion.author:
            check_writes(call.account, repository.owner)
        if discussion.status not in {"open", "draft"}:
            raise forbidden(f"This pull request is {discussion.status}")
    else:
        check_writes(call.account, repository.owner, _HINT)
        if not reference.startswith("refs/heads/"):
            raise no_revision(call.revision)
    return repository, head


def _lines(body: bytes) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """The header and the operations of a commit, as (kind, facts)."""
    try:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        (first, header), *operations = [(str(line["key"]), dict(line["value"])) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise bad_request(f"The commit is not lines of JSON with key and value: {error}") from error
    if first != "header":
        raise bad_request("The first line of a commit must be its header")
    return header, operations


def _applied(repository: Repository, head: Commit, operations: list[tuple[str, dict[str, Any]]]) -> dict[str, Blob]:
    added, deleted = {}, []
    for kind, facts in operations:
        path = str(facts.get("path"))
        if kind in {"file", "lfsFile"}:
            added[check_path(path)] = _file(facts) if kind == "file" else _lfs_file(repository, facts)
        elif kind in {"deletedFile", "deletedFolder"}:
            deleted.append(path if kind == "deletedFile" else f"{path.rstrip('/')}/")
        else:
            raise bad_request(f"Unknown operation in a commit: {kind!r}")
    files = applied(head.files, added, deleted)
    check_fits(files)
    return files


def _file(facts: dict[str, Any]) -> Blob:
    try:
        data = base64.b64decode(str(facts["content"]), validate=True)
    except (KeyError, binascii.Error) as error:
        raise bad_request(f"The content of {facts['path']} is not base64") from error
    if len(data) >= LFS_FROM_BYTES:
        raise bad_request(f"Your push was rejected because it contains files larger than 10 MiB: {facts['path']}")
    return Blob(data, lfs=False)


def _lfs_file(repository: Repository, facts: dict[str, Any]) -> Blob:
    data = repository.lfs.get(str(facts.get("oid")))
    if data is None:
        raise bad_request(
            "Your push was rejected because an LFS pointer pointed to a file that does not exist. "
            f"Offending file: {facts['path']}"
        )
    if facts.get("size", len(data)) != len(data):  # a copy within the Hub is sent without its size
        raise bad_request(f"{facts['path']} has {len(data)} bytes, not {facts['size']}")
    return Blob(data, lfs=True)
