"""What the Hub answers when it refuses: a status, a sentence and, for what was not found, an X-Error-Code."""

from __future__ import annotations


class HubError(Exception):
    """A refusal; ``facts`` and ``headers`` go along with it.

    The client turns status and code into its own exceptions (huggingface_hub/utils/_http.py, hf_raise_for_status).
    """

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.facts: dict[str, object] = {}
        self.headers: dict[str, str] = {}


def bad_request(message: str) -> HubError:
    return HubError(400, message)


def no_token() -> HubError:
    """Also the answer about a private or missing repository, so that nobody learns which ones exist.

    The Hub sends no code here; the client knows its https address and takes any 401 for RepoNotFound. The double speaks
    http, so that it sends the code itself to cause the same exception.
    """
    return HubError(401, "Invalid username or password.", "RepoNotFound")


def bad_token() -> HubError:
    return HubError(401, "Invalid credentials in Authorization header")


def forbidden(message: str) -> HubError:
    return HubError(403, message)


def no_repository() -> HubError:
    return HubError(404, "Repository not found", "RepoNotFound")


def no_revision(revision: str) -> HubError:
    return HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def no_entry(message: str = "Entry not found") -> HubError:
    return HubError(404, message, "EntryNotFound")


def conflict(message: str) -> HubError:
    return HubError(409, message)


def no_range(size: int) -> HubError:
    error = HubError(416, "Range Not Satisfiable")
    error.headers["Content-Range"] = f"bytes */{size}"
    return error


def stale_parent() -> HubError:
    return HubError(412, "A commit has happened since. Please refresh and try again.")
