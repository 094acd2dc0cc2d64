"""A Hugging Face Hub on this machine for tests: the unmodified client speaks to it over real HTTP.

    hub = Hub().start()
    sha = hub.create("owner/registry", {"a.json": b"{}"})
    HfApi(endpoint=hub.endpoint, token=hub.token).dataset_info("owner/registry").sha == sha

Everything is kept in memory. Repositories are data sets. What the methods here put into a repository is not checked, so
that a test can play a hostile Hub; what comes in over HTTP is refused where the Hub would refuse it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path

from .faults import Fault, Faults, Rule
from .repositories.accounts import CONTRIBUTOR_TOKEN, OWNER_TOKEN, READER_TOKEN
from .repositories.repository import DEFAULT_ATTRIBUTES, Blob, Repository, applied
from .server import Record, Server

# No xet transfer, which the double does not speak; no offline mode; no proxy between the two; nothing sent or drawn
# that a test does not want.
CLIENT_SETTINGS = {
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "NO_PROXY": "127.0.0.1",
}


class Hub:
    """The server and what it holds.

    endpoint            http://127.0.0.1:PORT
    token               of the account "owner": reads and writes its own repositories, private ones too
    reader_token        of the same account, but read-only: any change is refused with 403
    contributor_token   of the account "contributor": opens pull requests, writes nothing in the owner's repositories
    requests            a Record of every request so far; reset() forgets them
    page_size           entries on a page of a tree or of a history
    """

    token, reader_token, contributor_token = OWNER_TOKEN, READER_TOKEN, CONTRIBUTOR_TOKEN

    def __init__(self, port: int = 0) -> None:
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Record] = []
        self.faults = Faults()
        self.page_size = 1000
        self.lock = threading.RLock()
        self._secret = secrets.token_hex(16)
        self._stopping = threading.Event()
        self._server = Server(self, port)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Hub:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """No answer any more, to nobody: connections are refused from here on. May be called twice."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._server.close()

    def create(self, repo_id: str, files: Mapping[str, bytes], private: bool = False) -> str:
        """A repository with these files and, as on the Hub, a .gitattributes. Returns the sha of main."""
        with self.lock:
            self.repositories[repo_id] = repository = Repository(repo_id, private)
            repository.commit(
                "refs/heads/main", {".gitattributes": Blob(DEFAULT_ATTRIBUTES, lfs=False)}, "initial commit"
            )
        return self.commit(repo_id, files) if files else self.head(repo_id)

    def commit(
        self,
        repo_id: str,
        add: Mapping[str, bytes],
        delete: Iterable[str] = (),
        revision: str = "main",
        title: str = "Update",
        author: str = "owner",
    ) -> str:
        """A commit on a branch or on refs/pr/N; a deleted path that ends with "/" is a folder. Returns its sha."""
        with self.lock:
            repository = self.repositories[repo_id]
            head = repository.resolve(revision)
            added = {path: repository.blob(path, data, head) for path, data in add.items()}
            files = applied(head.files, added, delete)
            return repository.commit(repository.reference(revision), files, title, author=author).oid

    def propose(
        self,
        repo_id: str,
        add: Mapping[str, bytes],
        delete: Iterable[str] = (),
        title: str = "Proposal",
        text: str = "",
        base: str = "main",
        author: str = "contributor",
    ) -> int:
        """A pull request with one commit. Returns its number."""
        with self.lock:
            repository = self.repositories[repo_id]
            discussion = repository.open_pull_request(author, title, text, repository.resolve(base))
            self.commit(repo_id, add, delete, discussion.reference, title, author)
            return discussion.num

    def head(self, repo_id: str, revision: str = "main") -> str:
        """The sha that a branch, a tag or a pull request is at."""
        return self.repositories[repo_id].resolve(revision).oid

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """Path -> content, .gitattributes included."""
        return {path: blob.data for path, blob in self.repositories[repo_id].resolve(revision).files.items()}

    def point(self, repo_id: str, reference: str, sha: str) -> None:
        """Move or make a reference (refs/heads/..., refs/tags/...), also back to an older commit."""
        repository = self.repositories[repo_id]
        repository.references[reference] = repository.resolve(sha).oid

    def inject(
        self, fault: Fault, path: str = "*", method: str = "*", times: float = float("inf"), skip: int = 0
    ) -> Rule:
        """Let a fault strike the requests whose decoded path and method match (shell patterns; * crosses "/").

        The first ``skip`` of them are spared, then ``times`` are struck; the rule returned counts its ``hits``.
        """
        return self.faults.add(Rule(fault, path, method, skip, times))

    def count(self, method: str = "*", path: str = "*") -> int:
        """How many of the requests since reset() match."""
        return sum(fnmatch(record.method, method) and fnmatch(record.path, path) for record in list(self.requests))

    def reset(self) -> None:
        """Forget the requests and the faults."""
        self.requests.clear()
        self.faults.clear()

    def environment(self, home: Path, token: str | None = None) -> dict[str, str]:
        """The environment of a program that is to use this Hub; ``home`` is the folder of its cache and its login.

        Nothing of this process's own Hub settings and logins is in it.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
        kept |= {"HF_ENDPOINT": self.endpoint, "HF_HOME": str(home), **CLIENT_SETTINGS}
        return kept if token is None else {**kept, "HF_TOKEN": token}

    def signature(self, told: str) -> str:
        """Proof that this server made an address."""
        return hashlib.sha256(f"{self._secret} {told}".encode()).hexdigest()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        if seconds:
            self._stopping.wait(seconds)
