"""Discussions and pull requests of one repository: a title, a status, and events in the order they came.

The events are kept as the JSON that the Hub answers (huggingface_hub/community.py reads it).
"""

from __future__ import annotations

import html
import secrets
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass
class Discussion:
    """Number ``num`` of its repository. A pull request's files are those of refs/pr/N."""

    num: int
    title: str
    author: str
    is_pull_request: bool
    date: str
    status: str = "open"
    events: list[Event] = field(default_factory=list)
    merge_commit: str | None = None

    @property
    def reference(self) -> str:
        return f"refs/pr/{self.num}"

    def comment(self, author: str, date: str, text: str) -> Event:
        latest = {"raw": text, "html": html.escape(text), "updatedAt": date, "author": {"name": author}}
        data = {"edited": False, "hidden": False, "latest": latest, "history": []}
        return self._record("comment", author, date, data)

    def committed(self, author: str, date: str, subject: str, oid: str) -> Event:
        return self._record("commit", author, date, {"subject": subject, "oid": oid})

    def change_status(self, author: str, date: str, status: str) -> Event:
        self.status = status
        return self._record("status-change", author, date, {"status": status})

    def rename(self, author: str, date: str, title: str) -> Event:
        old, self.title = self.title, title
        return self._record("title-change", author, date, {"from": old, "to": title})

    def summary(self, repository: str) -> dict[str, Any]:
        """The line of a listing."""
        return {
            "num": self.num,
            "title": self.title,
            "status": self.status,
            "author": {"name": self.author},
            "createdAt": self.date,
            "isPullRequest": self.is_pull_request,
            "repo": {"name": repository, "type": "dataset"},
            "numComments": sum(event["type"] == "comment" for event in self.events),
        }

    def _record(self, kind: str, author: str, date: str, data: dict[str, Any]) -> Event:
        event = {
            "id": secrets.token_hex(12),
            "type": kind,
            "createdAt": date,
            "author": {"name": author},
            "data": data,
        }
        self.events.append(event)
        return event
