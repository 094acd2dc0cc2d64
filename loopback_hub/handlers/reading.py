"""What can be asked: who am I, a repository's facts, tree, references and commits, and its files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from ..repositories.cards import card_data
from ..repositories.errors import no_entry, no_range, no_token
from ..repositories.exchange import Answer, Call, json_answer
from ..repositories.repository import Blob, Commit, Repository


def whoami(call: Call) -> Answer:
    if call.account is None:
        raise no_token()
    role = "write" if call.account.writes else "read"
    token = {"type": "access_token", "accessToken": {"displayName": role, "role": role}}
    name = call.account.name
    return json_answer({"type": "user", "id": name, "name": name, "fullname": name, "orgs": [], "auth": token})


def info(call: Call) -> Answer:
    """Everything, or what ``expand`` chooses."""
    repository = call.repository
    commit = repository.resolve(call.revision)
    chosen = call.query.get("expand")
    facts = _facts(repository, commit)
    if chosen is None or "siblings" in chosen:
        told = _sibling_facts if call.flag("blobs") else lambda blob: {}
        facts["siblings"] = [{"rfilename": path, **told(blob)} for path, blob in sorted(commit.files.items())]
    if chosen is not None:
        facts = {name: value for name, value in facts.items() if name in {"_id", "id", *chosen}}
    return json_answer(facts)


def _facts(repository: Repository, commit: Commit) -> dict[str, Any]:
    card = card_data(commit.files["README.md"].data) if "README.md" in commit.files else {}
    return {
        "_id": repository.id,
        "id": repository.id,
        "author": repository.owner,
        "sha": commit.oid,
        "lastModified": commit.date,
        "createdAt": repository.created,
        "private": repository.private,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": card.get("tags") or [],
        "cardData": card,
    }


def _sibling_facts(blob: Blob) -> dict[str, Any]:
    facts: dict[str, Any] = {"size": len(blob.data), "blobId": blob.oid}
    if blob.lfs:
        facts["lfs"] = {"sha256": blob.sha256, "size": len(blob.data), "pointerSize": len(blob.pointer)}
    return facts


def tree(call: Call) -> Answer:
    repository = call.repository
    commit = repository.resolve(call.revision)
    folder = call.parts.get("path", "").strip("/")
    if folder and folder not in commit.folders:
        raise no_entry(f"{folder} does not exist on {call.revision!r}")
    prefix = f"{folder}/" if folder else ""
    paths = [p for p in [*commit.files, *commit.folders] if p.startswith(prefix)]
    if not call.flag("recursive"):
        paths = [p for p in paths if "/" not in p[len(prefix) :]]
    return call.page(sorted(paths), lambda page: _entries(repository, commit, page, call.flag("expand")))


def paths_info(call: Call) -> Answer:
    """The client sends a form: paths=a&paths=b&expand=false."""
    repository = call.repository
    commit = repository.resolve(call.revision)
    form = parse_qs(call.body.decode()) if "json" not in call.headers.get("content-type", "") else call.json()
    wanted = [path for path in form.get("paths", []) if path in commit.files or path in commit.folders]
    expand = str(form.get("expand", ["false"])[0]).lower() == "true"
    return json_answer(_entries(repository, commit, wanted, expand))


def _entries(repository: Repository, commit: Commit, paths: Iterable[str], expand: bool) -> list[dict[str, Any]]:
    entries = []
    for path in paths:
        blob = commit.files.get(path)
        entry: dict[str, Any] = {"path": path}
        if blob is None:
            entry |= {"type": "directory", "oid": commit.folders[path], "size": 0}
        else:
            entry |= {"type": "file", "oid": blob.oid, "size": len(blob.data)}
            if blob.lfs:
                entry["lfs"] = {"oid": blob.sha256, "size": len(blob.data), "pointerSize": len(blob.pointer)}
        if expand:
            last = _last_change(repository, commit, path)
            entry["lastCommit"] = {"id": last.oid, "title": last.title, "date": last.date}
        entries.append(entry)
    return entries


def _last_change(repository: Repository, commit: Commit, path: str) -> Commit:
    """The newest commit that gave the path its present content."""
    last = commit
    for older in repository.history(commit):
        if (older.files.get(path), older.folders.get(path)) != (commit.files.get(path), commit.folders.get(path)):
            break
        last = older
    return last


def references(call: Call) -> Answer:
    repository = call.repository
    kinds = {"branches": "refs/heads/", "tags": "refs/tags/", "pullRequests": "refs/pr/"}
    if not call.flag("include_prs"):
        del kinds["pullRequests"]
    answer: dict[str, Any] = {"converts": []}
    for kind, prefix in kinds.items():
        answer[kind] = [
            {"name": name.removeprefix(prefix), "ref": name, "targetCommit": oid}
            for name, oid in sorted(repository.references.items())
            if name.startswith(prefix)
        ]
    return json_answer(answer)


def commits(call: Call) -> Answer:
    repository = call.repository
    return call.page(list(repository.history(repository.resolve(call.revision))), lambda page: [*map(_told, page)])


def _told(commit: Commit) -> dict[str, Any]:
    return {
        "id": commit.oid,
        "title": commit.title,
        "message": commit.message,
        "date": commit.date,
        "authors": [{"user": commit.author}],
    }


def resolve(call: Call) -> Answer:
    """A file, or the range of it that was asked for. The Hub sends large files from elsewhere; the double does not."""
    commit = call.repository.resolve(call.revision)
    blob = commit.files.get(call.parts["path"])
    if blob is None:
        error = no_entry()
        error.headers["X-Repo-Commit"] = commit.oid  # lets the client remember that the file is not there
        raise error
    name = blob.sha256 if blob.lfs else blob.oid
    headers = {
        "X-Repo-Commit": commit.oid,
        "ETag": f'"{name}"',
        "Accept-Ranges": "bytes",
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment",
    }
    if blob.lfs:
        headers |= {"X-Linked-ETag": f'"{name}"', "X-Linked-Size": str(len(blob.data))}
    return _ranged(blob.data, call.headers.get("range"), headers)


def _ranged(data: bytes, wanted: str | None, headers: dict[str, str]) -> Answer:
    """RFC 9110, section 14, for one range; anything else is answered whole, as the RFC allows."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted or "")
    first, last = found.groups() if found else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        return Answer(200, data, headers)
    start = int(first) if first else max(0, len(data) - int(last))
    stop = min(len(data), int(last) + 1) if first and last else len(data)
    if start >= len(data):
        raise no_range(len(data))
    return Answer(206, data[start:stop], headers | {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"})
