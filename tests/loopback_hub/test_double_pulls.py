"""The double, discussed with by the unmodified client: pull requests, comments, closing and merging."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.community import DiscussionComment, DiscussionCommit, DiscussionStatusChange
from huggingface_hub.errors import BadRequestError, HfHubHTTPError

from loopback_hub.double import Hub

pytestmark = pytest.mark.waits

REPO = "owner/registry"


@pytest.fixture
def owner(hub: Hub) -> HfApi:
    hub.create(REPO, {"a.json": b"{}", "b.json": b"1"})
    hub.reset()
    return HfApi(token=hub.token)


@pytest.fixture
def contributor(hub: Hub, owner: HfApi) -> HfApi:
    return HfApi(token=hub.contributor_token)


def propose(api: HfApi, *operations: object, **more: object) -> object:
    asked = {"commit_message": "Add g", "commit_description": "The <b>report</b>", "repo_type": "dataset", **more}
    return api.create_commit(REPO, operations, create_pr=True, **asked)


def details(api: HfApi, number: int) -> object:
    return api.get_discussion_details(REPO, number, repo_type="dataset")


def test_a_contributor_proposes_from_the_head_that_was_built_on(
    hub: Hub, owner: HfApi, contributor: HfApi, tmp_path: Path
) -> None:
    built_on = hub.head(REPO)
    newer = hub.commit(REPO, {"b.json": b"2"})
    large = b"\0" * 100
    done = propose(contributor, CommitOperationAdd("g/x.safetensors", large), parent_commit=built_on)
    assert (done.pr_num, done.pr_revision) == (1, "refs/pr/1") and done.pr_url.startswith(hub.endpoint)
    assert hub.head(REPO) == newer and "g/x.safetensors" not in hub.files(REPO)
    proposed = hub.repositories[REPO].resolve("refs/pr/1")
    assert (proposed.oid, proposed.parent) == (done.oid, built_on)
    path = owner.hf_hub_download(REPO, "g/x.safetensors", repo_type="dataset", revision="refs/pr/1", cache_dir=tmp_path)
    assert Path(path).read_bytes() == large
    assert owner.list_repo_commits(REPO, repo_type="dataset", revision="refs/pr/1")[0].authors == ["contributor"]


def test_what_a_pull_request_says(owner: HfApi, contributor: HfApi) -> None:
    propose(contributor, CommitOperationAdd("g.json", b"3\n"), CommitOperationDelete("b.json"))
    found = details(owner, 1)
    assert (found.title, found.author, found.status, found.target_branch) == ("Add g", "contributor", "open", "main")
    assert found.is_pull_request and found.git_reference == "refs/pr/1" and found.conflicting_files == []
    comment, commit = found.events
    assert isinstance(comment, DiscussionComment) and comment.content == "The <b>report</b>"
    assert comment.rendered == "The &lt;b&gt;report&lt;/b&gt;"
    assert isinstance(commit, DiscussionCommit) and commit.summary == "Add g"
    assert "diff --git a/g.json b/g.json" in found.diff and "+3" in found.diff and "-1" in found.diff


def test_the_list_of_discussions(hub: Hub, owner: HfApi, contributor: HfApi) -> None:
    for number in range(51):
        hub.propose(REPO, {f"g{number}": b"."}, title=f"Proposal {number}")
    owner.create_discussion(REPO, title="A question", repo_type="dataset")
    owner.change_discussion_status(REPO, 1, "closed", repo_type="dataset")
    everything = list(owner.get_repo_discussions(REPO, repo_type="dataset"))
    assert [found.num for found in everything] == list(range(52, 0, -1))
    assert hub.count("GET", "*/discussions") == 2
    chosen = {"discussion_type": "pull_request", "discussion_status": "open", "author": "contributor"}
    assert len(list(owner.get_repo_discussions(REPO, repo_type="dataset", **chosen))) == 50
    assert next(owner.get_repo_discussions(REPO, repo_type="dataset", discussion_status="closed")).num == 1


def test_a_draft_grows_by_commits(hub: Hub, owner: HfApi, contributor: HfApi) -> None:
    draft = contributor.create_pull_request(REPO, title="Two steps", repo_type="dataset", description="...")
    assert draft.status == "draft" and hub.head(REPO, draft.git_reference) == hub.head(REPO)
    for name in ("g", "h"):
        add = [CommitOperationAdd(name, b".")]
        contributor.create_commit(REPO, add, commit_message=name, repo_type="dataset", revision=draft.git_reference)
    with pytest.raises(BadRequestError):
        owner.merge_pull_request(REPO, draft.num, repo_type="dataset")
    contributor.change_discussion_status(REPO, draft.num, "open", repo_type="dataset")
    owner.merge_pull_request(REPO, draft.num, repo_type="dataset")
    assert {"g", "h"} <= set(hub.files(REPO))


def test_merging_keeps_what_came_in_between(hub: Hub, owner: HfApi, contributor: HfApi) -> None:
    propose(contributor, CommitOperationAdd("g", b"g"), CommitOperationDelete("a.json"))
    between = hub.commit(REPO, {"b.json": b"2"})
    owner.merge_pull_request(REPO, 1, repo_type="dataset", comment="Thanks")
    assert {path: data for path, data in hub.files(REPO).items() if path != ".gitattributes"} == {
        "b.json": b"2",
        "g": b"g",
    }
    found = details(owner, 1)
    assert (found.status, found.merge_commit_oid) == ("merged", hub.head(REPO))
    assert isinstance(found.events[-1], DiscussionStatusChange) and found.events[-1].new_status == "merged"
    assert found.events[-2].content == "Thanks" and "+g" in found.diff
    newest, before = owner.list_repo_commits(REPO, repo_type="dataset")[:2]
    assert newest.title == "Add g (#1)" and before.commit_id == between
    with pytest.raises(BadRequestError):
        owner.merge_pull_request(REPO, 1, repo_type="dataset")


def test_a_conflict_is_not_merged(hub: Hub, owner: HfApi, contributor: HfApi) -> None:
    propose(contributor, CommitOperationAdd("b.json", b"mine"))
    head = hub.commit(REPO, {"b.json": b"theirs"})
    assert details(owner, 1).conflicting_files == ["b.json"]
    with pytest.raises(HfHubHTTPError) as refused:
        owner.merge_pull_request(REPO, 1, repo_type="dataset")
    assert refused.value.response.status_code == 409
    assert hub.head(REPO) == head and details(owner, 1).status == "open"


def test_who_may_do_what_to_a_pull_request(hub: Hub, owner: HfApi, contributor: HfApi) -> None:
    propose(owner, CommitOperationAdd("g", b"g"))
    reader, anonymous = HfApi(token=hub.reader_token), HfApi(token=False)
    refused = [
        (contributor.merge_pull_request, (REPO, 1), 403),
        (contributor.change_discussion_status, (REPO, 1, "closed"), 403),
        (contributor.rename_discussion, (REPO, 1, "Mine"), 403),
        (reader.merge_pull_request, (REPO, 1), 403),
        (reader.comment_discussion, (REPO, 1, "Hello"), 403),
        (anonymous.comment_discussion, (REPO, 1, "Hello"), 401),
        (owner.merge_pull_request, (REPO, 7), 404),
    ]
    for method, arguments, expected in refused:
        with pytest.raises(HfHubHTTPError) as error:
            method(*arguments, repo_type="dataset")
        assert error.value.response.status_code == expected
    assert contributor.comment_discussion(REPO, 1, "Hello", repo_type="dataset").author == "contributor"
    owner.rename_discussion(REPO, 1, "A better title", repo_type="dataset")
    owner.change_discussion_status(REPO, 1, "closed", comment="No", repo_type="dataset")
    found = details(anonymous, 1)
    assert (found.title, found.status) == ("A better title", "closed")
    assert [event.type for event in found.events] == [
        "comment", "commit", "comment", "title-change", "comment", "status-change",
    ]  # fmt: skip


def test_a_closed_pull_request_takes_no_commits(hub: Hub, owner: HfApi, contributor: HfApi) -> None:
    number = hub.propose(REPO, {"g": b"g"})
    owner.change_discussion_status(REPO, number, "closed", repo_type="dataset")
    with pytest.raises(HfHubHTTPError, match="closed"):
        contributor.create_commit(
            REPO,
            [CommitOperationAdd("h", b"h")],
            commit_message="More",
            repo_type="dataset",
            revision=f"refs/pr/{number}",
        )
    assert hub.files(REPO, f"refs/pr/{number}")["g"] == b"g"  # still there to be read


def test_the_helper_opens_the_same_pull_request(hub: Hub, owner: HfApi) -> None:
    base = hub.head(REPO)
    hub.commit(REPO, {"b.json": b"2"})
    number = hub.propose(REPO, {"g": b"g"}, ["a.json"], title="<script>", text="**", base=base)
    found = details(owner, number)
    assert (found.title, found.author, found.events[0].content) == ("<script>", "contributor", "**")
    assert hub.files(REPO, "refs/pr/1")["b.json"] == b"1"
