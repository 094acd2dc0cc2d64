"""A request as the routes see it, and the answer that they give."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from .accounts import Account, check_reads
from .errors import bad_request, no_entry
from .repository import Repository

T = TypeVar("T")


class Hub(Protocol):
    """What the routes use of the double."""

    endpoint: str
    page_size: int
    repositories: dict[str, Repository]

    def create(self, repo_id: str, files: Mapping[str, bytes], private: bool = False) -> str: ...

    def signature(self, told: str) -> str: ...


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, json.dumps(value).encode(), kind | (headers or {}))


@dataclass
class Call:
    """``parts`` are the decoded pieces of the path that the route names; ``query`` keeps every value of a key."""

    hub: Hub
    path: str
    parts: dict[str, str]
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    account: Account | None

    @property
    def repository(self) -> Repository:
        """The repository that the path names, if the caller may know of it."""
        return check_reads(self.account, self.hub.repositories.get(self.parts["repo"]))

    @property
    def revision(self) -> str:
        return self.parts.get("revision") or "main"

    def flag(self, name: str) -> bool:
        return self.query.get(name, [""])[0].lower() in {"1", "true"}

    def number(self, name: str) -> int:
        value = self.query.get(name, ["0"])[0]
        if not value.isdecimal():
            raise bad_request(f"{name} must be a number, not {value!r}")
        return int(value)

    def json(self) -> dict[str, Any]:
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            raise bad_request(f"The body is not JSON: {error}") from error
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request("The body must be a JSON object")
        return value

    def page(self, items: list[T], told: Callable[[list[T]], list[Any]]) -> Answer:
        """One page of a list, as ``told`` puts it; the Link header leads to the next."""
        start, size = self.number("cursor"), self.hub.page_size
        if start > len(items):
            raise no_entry("There is no such page")
        headers = {}
        if start + size < len(items):
            query = urlencode({**self.query, "cursor": [start + size]}, doseq=True)
            headers["Link"] = f'<{self.hub.endpoint}{self.path}?{query}>; rel="next"'
        return json_answer(told(items[start : start + size]), headers=headers)
