"""What can go wrong on the way: answers that come late, refused, changed, cut short, or not at all."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True)
class Fault:
    """Each field that is set does one thing to an answer.

    status, retry_after    this status in its place; the request itself is not carried out. With every other fault it
                           is: drop=0 on a commit is one that happened although its author never heard of it
    delay                  seconds before its first byte
    body                   these bytes in its place
    flip                   the bits of the byte at this index (from the end when negative) are inverted
    truncate               it ends after this many bytes, and Content-Length agrees
    drop                   the connection is closed after this many bytes of the body, although Content-Length
                           promises more; with 0, before the headers
    stall                  (bytes, seconds): a pause within the body

    body, flip and truncate change nothing about a refusal. HEAD has the length of the changed body: name the method GET
    in the rule where the two should disagree.
    """

    delay: float = 0.0
    status: int | None = None
    retry_after: int | None = None
    body: bytes | None = None
    flip: int | None = None
    truncate: int | None = None
    drop: int | None = None
    stall: tuple[int, float] | None = None

    def changed(self, body: bytes) -> bytes:
        """The body as the client is to see it."""
        if self.body is not None:
            body = self.body
        if self.flip is not None:
            changed = bytearray(body)
            changed[self.flip] ^= 0xFF
            body = bytes(changed)
        return body if self.truncate is None else body[: self.truncate]


@dataclass
class Rule:
    """A fault, the requests that it strikes, and how often it still does."""

    fault: Fault
    path: str
    method: str
    skip: int
    left: float
    hits: int = 0

    def strikes(self, method: str, path: str) -> bool:
        if not (fnmatch(method, self.method) and fnmatch(path, self.path)) or not self.left:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left -= 1
        self.hits += 1
        return True


class Faults:
    """The rules in force; the first one that matches a request strikes it."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def add(self, rule: Rule) -> Rule:
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        with self._lock:
            return next((rule.fault for rule in self._rules if rule.strikes(method, path)), None)
