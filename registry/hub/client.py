"""The Hugging Face Hub: one data set repository as a registry's remote. The only shipped module with huggingface_hub.

Reading is three plain requests (a commit, its tree, a file), each with a time limit. What comes back is data from
outside: whoever calls this module checks it. The client is imported on first use, so that ``list`` stays quick.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fingerprints.errors import UserError
from fingerprints.settings import Settings

from ..storage.files import sha256

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_SECONDS = 30.0  # without an answer
_ATTEMPTS = 4
_REPO_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
MAIN = "main"


class HubError(UserError, ValueError):
    """The Hub refused, or could not be reached; the text says what was found and what would work."""


class Moved(HubError):
    """Somebody published in the meantime: the commit that a change was built on is no longer the newest."""


@dataclass(frozen=True)
class RemoteFile:
    """A file of a commit. ``sha256`` is known of large files (LFS), ``blob`` is the git object id of the others."""

    size: int
    sha256: str | None
    blob: str

    def holds(self, data: bytes | Path) -> bool:
        """Whether it has that content."""
        content = data if isinstance(data, bytes) else data.read_bytes()
        if len(content) != self.size:
            return False
        return sha256(content) == self.sha256 if self.sha256 else git_blob(content) == self.blob


@dataclass(frozen=True)
class PullRequest:
    """A proposal on the Hub. All of it was written by its author."""

    number: int
    title: str
    author: str
    status: str


class Hub:
    """One repository. ``token``: a person's own; None means $HF_TOKEN or the login on this machine, False no token."""

    def __init__(self, repo_id: str, token: str | bool | None = None) -> None:
        if not _REPO_ID.fullmatch(repo_id) or ".." in repo_id or len(repo_id) > 96:
            raise HubError(f"{repo_id[:96]!r} is not the id of a Hub repository; it looks like owner/name.")
        self.repo_id, self._token = repo_id, token

    def head(self, revision: str | None = None) -> str:
        """The commit of a branch, tag, commit or refs/pr/N (default: main). One request."""
        with self._errors(revision):
            info = self._api.dataset_info(self.repo_id, revision=revision, timeout=_SECONDS, expand=["sha"])
            return _commit(info.sha)

    def tree(self, commit: str) -> dict[str, RemoteFile]:
        """Every file of a commit, by path. One request for each thousand."""
        pages = self._pages(f"tree/{commit}", {"recursive": True, "expand": False})
        with self._errors(commit):
            return {str(entry["path"]): _remote_file(entry) for entry in pages if entry["type"] == "file"}

    def history(self, commit: str) -> Iterator[str]:
        """A commit and its ancestors, newest first; later pages are asked for only when they are reached."""
        with self._errors(commit):
            yield from (_commit(entry["id"]) for entry in self._pages(f"commits/{quote(commit, safe='')}", {}))

    def fetch(self, commit: str, path: str, size: int, target: Path, tell: Callable[[int], None]) -> None:
        """Bring one file to ``target``, going on where an earlier try stopped. ``tell``: bytes that came (or were
        lost again, negative). The size is checked here, the digest by the caller."""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(0.1 * 2**attempt)
            with self._errors(commit, will_retry=attempt < _ATTEMPTS - 1):
                self._fetch_rest(commit, path, target, size, tell)
                if (found := target.stat().st_size) == size:
                    return
        raise HubError(f"{path} should have {size:,} bytes on {self.repo_id}, but {found:,} came.")

    def read(self, commit: str, path: str, size: int) -> bytes:
        """One small file."""
        with tempfile.TemporaryDirectory(prefix="manifpt-") as scratch:
            target = Path(scratch) / "file"
            self.fetch(commit, path, size, target, lambda count: None)
            return target.read_bytes()

    def create(self, private: bool | None = None) -> None:
        """Make sure that the repository exists."""
        with self._errors():
            self._api.create_repo(self.repo_id, repo_type="dataset", private=private, exist_ok=True)

    def commit(
        self, parent: str, title: str, text: str, add: Mapping[str, bytes | Path], delete: frozenset[str] = frozenset()
    ) -> str:
        """One commit on main, on top of ``parent``. Returns it; Moved when main is elsewhere by now."""
        with self._errors(parent):
            return _commit(self._send(parent, title, text, add, delete, create_pr=False).oid)

    def propose(self, parent: str, title: str, text: str, add: Mapping[str, bytes | Path]) -> int:
        """A pull request with one commit on top of ``parent``. Returns its number."""
        with self._errors(parent):
            number = self._send(parent, title, text, add, frozenset(), create_pr=True).pr_num
        if number is None:
            raise HubError(f"{self.repo_id} took the files, but did not open a pull request.")
        return int(number)

    def url(self, number: int) -> str:
        """The page of a pull request."""
        return f"{self._api.endpoint}/datasets/{self.repo_id}/discussions/{number}"

    def pull_request(self, number: int) -> PullRequest:
        with self._errors(f"refs/pr/{number}"):
            found = self._api.get_discussion_details(self.repo_id, number, repo_type="dataset")
        if not found.is_pull_request:
            raise HubError(f"{self.repo_id} #{number} is a discussion, not a pull request.")
        return PullRequest(number, found.title, found.author, found.status)

    def close(self, number: int, comment: str) -> None:
        with self._errors(f"refs/pr/{number}"):
            self._api.change_discussion_status(self.repo_id, number, "closed", comment=comment, repo_type="dataset")

    @property
    def _another_token(self) -> str:
        if isinstance(self._token, str):
            return "copy it again, or make a new one in your Hub settings"
        return "set HF_TOKEN or log in with `hf auth login`"

    @cached_property
    def _api(self) -> HfApi:
        from huggingface_hub import HfApi
        from huggingface_hub.utils import disable_progress_bars

        disable_progress_bars()  # ours is one bar over all files
        return HfApi(endpoint=Settings.read().hub or None, token=self._token, library_name="manifpt")

    def _send(
        self,
        parent: str,
        title: str,
        text: str,
        add: Mapping[str, bytes | Path],
        delete: frozenset[str],
        create_pr: bool,
    ) -> Any:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        return self._api.create_commit(
            self.repo_id,
            [
                *(CommitOperationAdd(path_in_repo=path, path_or_fileobj=data) for path, data in sorted(add.items())),
                *(CommitOperationDelete(path_in_repo=path) for path in sorted(delete)),
            ],
            commit_message=title,
            commit_description=text,
            repo_type="dataset",
            parent_commit=parent,
            create_pr=create_pr,
        )

    def _pages(self, what: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        from huggingface_hub.utils import paginate

        url = f"{self._api.endpoint}/api/datasets/{self.repo_id}/{what}"
        yield from paginate(url, params, self._headers, _SECONDS)

    @cached_property
    def _headers(self) -> dict[str, str]:
        from huggingface_hub.utils import build_hf_headers

        return build_hf_headers(token=self._token, library_name="manifpt")

    def _fetch_rest(self, commit: str, path: str, target: Path, size: int, tell: Callable[[int], None]) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.utils import hf_raise_for_status, http_stream_backoff

        url = hf_hub_url(self.repo_id, path, repo_type="dataset", revision=commit, endpoint=self._api.endpoint)
        have = target.stat().st_size if target.exists() else 0
        if have == size and target.exists():
            return
        if have > size:  # not the beginning of this file
            tell(-have)
            have = 0
        headers = {**self._headers, "Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        with http_stream_backoff(
            "GET", url, headers=headers, timeout=_SECONDS, max_retries=_ATTEMPTS - 1, retry_on_exceptions=()
        ) as response:
            hf_raise_for_status(response)
            resumed = response.status_code == 206
            if have and not resumed:
                tell(-have)
            with target.open("ab" if resumed else "wb") as opened:
                for chunk in response.iter_bytes():
                    opened.write(chunk)
                    tell(len(chunk))

    @contextmanager
    def _errors(self, revision: str | None = None, will_retry: bool = False) -> Iterator[None]:
        """The client's errors as sentences. ``will_retry``: a broken connection is let pass, to be tried again."""
        from httpx2 import HTTPError, InvalidURL
        from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

        try:
            yield
        except HubError:
            raise
        except HfHubHTTPError as error:
            raise self._refusal(error, revision) from error
        except (HTTPError, ConnectionError, TimeoutError) as error:  # the latter two are those of Xet's uploads
            if not will_retry:
                raise HubError(f"the Hub cannot be reached: {_first_line(error)}.") from error
        except RuntimeError as error:  # what the client makes of an upload that failed
            why = _first_line(error.__cause__ or error)
            raise HubError(f"nothing was published on {self.repo_id}: {why}.") from error
        except OfflineModeIsEnabled as error:
            raise HubError("the Hub is not asked, because HF_HUB_OFFLINE is set.") from error
        except LocalTokenNotFoundError as error:
            raise HubError("no token was found; set HF_TOKEN or log in with `hf auth login`.") from error
        except (InvalidURL, ValueError, KeyError, TypeError) as error:
            raise HubError(
                f"the Hub's answer about {self.repo_id} was not understood: {_first_line(error)}."
            ) from error

    def _refusal(self, error: Any, revision: str | None) -> HubError:
        """What a status of the Hub means for a person."""
        from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

        status = error.response.status_code
        if isinstance(error, RevisionNotFoundError):
            return HubError(
                f"{self.repo_id} has no revision {revision or MAIN!r}; name a branch, tag, commit or refs/pr/N."
            )
        if status == 412:
            return Moved(f"{self.repo_id} was changed in the meantime; run the command again.")
        if status == 403:
            return HubError(f"this token may not do that with {self.repo_id}; one with write access is needed.")
        if status == 401 and not isinstance(error, RepositoryNotFoundError):
            return HubError(f"the Hub did not accept the token; {self._another_token}.")
        if isinstance(error, RepositoryNotFoundError):
            return HubError(
                f"there is no data set {self.repo_id} on the Hub, or it is private and the token (HF_TOKEN, or "
                "`hf auth login`) may not read it."
            )
        if status == 404:
            return HubError(f"{self.repo_id} does not have what was asked for at {revision or MAIN!r}.")
        return HubError(f"the Hub answered {status} about {self.repo_id}: {error.server_message or 'no reason given'}.")


def git_blob(data: bytes) -> str:
    """The object id that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _commit(value: object) -> str:
    if not isinstance(value, str) or not _COMMIT.fullmatch(value):
        raise TypeError(f"{value!r} is not a commit")
    return value


def _remote_file(entry: Mapping[str, Any]) -> RemoteFile:
    large = entry.get("lfs")
    return RemoteFile(int(entry["size"]), str(large["oid"]) if large else None, str(entry["oid"]))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
