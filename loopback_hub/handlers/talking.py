"""Discussions and pull requests: listing, reading, commenting, closing, merging."""

from __future__ import annotations

import difflib

from ..repositories.accounts import Account, check_proposes, check_writes
from ..repositories.discussions import Discussion
from ..repositories.errors import bad_request, conflict
from ..repositories.exchange import Answer, Call, json_answer
from ..repositories.repository import Blob, Repository, now

_DISCUSSIONS_A_PAGE = 50


def listing(call: Call) -> Answer:
    """Newest first, by pages of the parameter p; type, status and author choose."""
    kind, status = call.query.get("type", ["all"])[0], call.query.get("status", ["all"])[0]
    author = call.query.get("author", [None])[0]
    chosen = [
        discussion
        for discussion in reversed(call.repository.discussions)
        if kind in {"all", "pull_request" if discussion.is_pull_request else "discussion"}
        and (status == "all" or (status == "open") == (discussion.status in {"open", "draft"}))
        and author in {None, discussion.author}
    ]
    start = call.number("p") * _DISCUSSIONS_A_PAGE
    page = [discussion.summary(call.parts["repo"]) for discussion in chosen[start : start + _DISCUSSIONS_A_PAGE]]
    return json_answer({"discussions": page, "count": len(chosen), "start": start})


def details(call: Call) -> Answer:
    repository, discussion = _found(call)
    facts = discussion.summary(repository.id) | {"events": discussion.events, "filesWithConflicts": []}
    if discussion.is_pull_request:
        facts["changes"] = {"base": "main", "mergeCommitId": discussion.merge_commit}
        if discussion.merge_commit is None:
            main, theirs = repository.resolve("main"), repository.resolve(discussion.reference)
            facts["filesWithConflicts"] = repository.merged(main, theirs)[1]
        if call.flag("diff"):
            facts["diff"] = _diff(repository, discussion)
    return json_answer(facts)


def open_discussion(call: Call) -> Answer:
    repository = call.repository
    author = check_proposes(call.account).name
    asked = call.json()
    title, text = str(asked.get("title") or ""), str(asked.get("description") or "")
    if len(title) < 3:
        raise bad_request("The title must have at least 3 characters")
    if asked.get("pullRequest"):
        discussion = repository.open_pull_request(author, title, text, repository.resolve("main"), status="draft")
    else:
        discussion = repository.open_discussion(author, title, text)
    return json_answer(discussion.summary(repository.id))


def comment(call: Call) -> Answer:
    _, discussion = _found(call)
    author = check_proposes(call.account).name
    return json_answer({"newMessage": discussion.comment(author, now(), str(call.json().get("comment") or ""))})


def change_status(call: Call) -> Answer:
    repository, discussion = _found(call)
    author = _participant(call, repository, discussion).name
    asked = call.json()
    if asked.get("status") not in {"open", "closed"} or discussion.status == "merged":
        raise bad_request(f"A discussion that is {discussion.status} cannot become {asked.get('status')!r}")
    if asked.get("comment"):
        discussion.comment(author, now(), str(asked["comment"]))
    return json_answer({"newStatus": discussion.change_status(author, now(), asked["status"])})


def rename(call: Call) -> Answer:
    repository, discussion = _found(call)
    author = _participant(call, repository, discussion).name
    return json_answer({"newTitle": discussion.rename(author, now(), str(call.json().get("title") or ""))})


def merge(call: Call) -> Answer:
    """The pull request's changes as one commit on main, file by file; 409 where both sides changed a file."""
    repository, discussion = _found(call)
    author = check_writes(call.account, repository.owner).name
    if not discussion.is_pull_request or discussion.status != "open":
        raise bad_request(f"Only an open pull request can be merged; number {discussion.num} is {discussion.status}")
    main, theirs = repository.resolve("main"), repository.resolve(discussion.reference)
    files, conflicting = repository.merged(main, theirs)
    if conflicting:
        raise conflict(f"This pull request has conflicts: {', '.join(conflicting)}")
    title, message = f"{discussion.title} (#{discussion.num})", f"- {theirs.title} ({theirs.oid})"
    new = repository.commit("refs/heads/main", files, title, message, author)
    if text := call.json().get("comment"):
        discussion.comment(author, now(), str(text))
    discussion.merge_commit = new.oid
    discussion.change_status(author, now(), "merged")
    return json_answer({})


def _found(call: Call) -> tuple[Repository, Discussion]:
    repository = call.repository
    return repository, repository.discussion(int(call.parts["num"]))


def _participant(call: Call, repository: Repository, discussion: Discussion) -> Account:
    """Whoever opened a discussion, and the owner of the repository, may close or rename it."""
    account = check_proposes(call.account)
    return account if account.name == discussion.author else check_writes(account, repository.owner)


def _diff(repository: Repository, discussion: Discussion) -> str:
    """What the pull request changes, or changed before it was merged."""
    main, theirs = repository.resolve("main"), repository.resolve(discussion.reference)
    if discussion.merge_commit is not None:
        main = repository.commits[str(repository.commits[discussion.merge_commit].parent)]
    base = repository.merge_base(main, theirs).files
    lines: list[str] = []
    for path in sorted({*base, *theirs.files}):
        before, after = base.get(path), theirs.files.get(path)
        if before != after:
            old, new = _shown(before).splitlines(), _shown(after).splitlines()
            lines += [
                f"diff --git a/{path} b/{path}",
                *difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""),
            ]
    return "\n".join(lines)


def _shown(blob: Blob | None) -> str:
    """What git would compare: the text, or the pointer of a large file."""
    return "" if blob is None else (blob.pointer if blob.lfs else blob.data).decode("utf-8", "replace")
