"""What belongs to a repository itself: making and deleting it, its branches and tags, and the check of its card."""

from __future__ import annotations

import re

from ..repositories.accounts import check_reads, check_writes
from ..repositories.cards import problems
from ..repositories.errors import bad_request, conflict, no_revision, no_token
from ..repositories.exchange import Answer, Call, json_answer
from ..repositories.repository import Repository

_NAME = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}(?<!\.git)(?<![.-])")
_REFERENCE = re.compile(r"(?!.*(//|\.\.|/\.))[A-Za-z0-9_][A-Za-z0-9_./+-]*(?<![./])(?<!\.lock)")


def create(call: Call) -> Answer:
    asked = call.json()
    repo = _named(call)
    owner, _, name = repo.partition("/")
    check_writes(call.account, owner)
    if asked.get("type") != "dataset":
        raise bad_request("The double holds data set repositories alone")
    if not _NAME.fullmatch(name):
        raise bad_request(f"Invalid repository name: {name!r}")
    url = f"{call.hub.endpoint}/datasets/{repo}"
    if repo in call.hub.repositories:
        error = conflict("You already created this dataset repo")
        error.facts["url"] = url
        raise error
    call.hub.create(repo, {}, private=asked.get("visibility") == "private" or asked.get("private") is True)
    return json_answer({"url": url, "name": repo, "id": repo})


def delete(call: Call) -> Answer:
    repo = _named(call)
    repository = check_reads(call.account, call.hub.repositories.get(repo))
    check_writes(call.account, repository.owner)
    del call.hub.repositories[repo]
    return json_answer({})


def _named(call: Call) -> str:
    """The repository that the body names; without an organization it is the caller's own."""
    if call.account is None:
        raise no_token()
    asked = call.json()
    return f"{asked.get('organization') or call.account.name}/{asked.get('name')}"


def validate_yaml(call: Call) -> Answer:
    errors, warnings = problems(str(call.json().get("content", "")))
    told = {"errors": [{"message": e} for e in errors], "warnings": [{"message": w} for w in warnings]}
    return json_answer(told, 400 if errors else 200)


def create_branch(call: Call) -> Answer:
    repository = _own(call)
    start = repository.resolve(call.json().get("startingPoint") or "main")
    _point(repository, "refs/heads/", call.parts["name"], start.oid)
    return json_answer({})


def create_tag(call: Call) -> Answer:
    repository = _own(call)
    _point(repository, "refs/tags/", str(call.json().get("tag")), repository.resolve(call.revision).oid)
    return json_answer({})


def _point(repository: Repository, kind: str, name: str, oid: str) -> None:
    if not _REFERENCE.fullmatch(name):
        raise bad_request(f"Invalid reference name: {name!r}")
    if kind + name in repository.references:
        raise conflict(f"Reference {kind}{name} already exists")
    repository.references[kind + name] = oid


def delete_branch(call: Call) -> Answer:
    if call.parts["name"] == "main":
        raise bad_request("The branch main cannot be deleted")
    return _forget(call, "refs/heads/")


def delete_tag(call: Call) -> Answer:
    return _forget(call, "refs/tags/")


def _forget(call: Call, kind: str) -> Answer:
    repository = _own(call)
    if repository.references.pop(kind + call.parts["name"], None) is None:
        raise no_revision(call.parts["name"])
    return json_answer({})


def _own(call: Call) -> Repository:
    repository = call.repository
    check_writes(call.account, repository.owner)
    return repository
