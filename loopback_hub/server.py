"""HTTP/1.1 on 127.0.0.1: keep-alive, bodies of known length or in chunks, one send per answer, and the faults."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from .faults import Fault
from .handlers.routes import find
from .repositories.accounts import authenticated
from .repositories.errors import HubError
from .repositories.exchange import Answer, Call, json_answer

if TYPE_CHECKING:
    from .double import Hub


@dataclass(frozen=True)
class Record:
    """One request as it arrived, and what was sent back. ``path`` is decoded and without the query."""

    method: str
    path: str
    query: str
    token: str | None
    status: int
    sent: int


class Server(ThreadingHTTPServer):
    """One thread a connection. Only this machine can reach it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, hub: Hub, port: int) -> None:
        self.hub = hub
        self._connections: set[Any] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Stop, and hang up on every client that still keeps its connection open."""
        self.shutdown()
        self.server_close()
        for connection in list(self._connections):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news; anything else is a mistake in the double and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _exchange(self) -> None:
        hub = self.server.hub
        path, _, query = self.path.partition("?")
        body = self._body()
        fault = hub.faults.strike(self.command, unquote(path)) or Fault()
        answer = self._answer(path, query, body, fault)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        sent = 0 if self.command == "HEAD" else len(answer.body[: fault.drop])
        # Before the answer goes out: whoever has read it may count at once.
        hub.requests.append(Record(self.command, unquote(path), query, token, answer.status, sent))
        hub.pause(fault.delay)
        self._send(answer, fault)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _exchange

    def _answer(self, path: str, query: str, body: bytes, fault: Fault) -> Answer:
        if fault.status is not None:
            retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return json_answer({"error": HTTPStatus(fault.status).phrase}, fault.status, retry)
        try:
            route, parts = find(self.command, path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            account = authenticated(headers.get("authorization"))
            call = Call(self.server.hub, path, parts, parse_qs(query), headers, body, account)
            with self.server.hub.lock:
                answer = route(call)
        except HubError as error:
            answer = _refusal(error)
        if answer.status < 300:
            answer.body = fault.changed(answer.body)
        return answer

    def _send(self, answer: Answer, fault: Fault) -> None:
        """Write the answer in one piece, or as much of it as the fault lets through."""
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {len(answer.body)}", "", ""]).encode("latin-1", "replace")
        body = b"" if self.command == "HEAD" else answer.body
        if fault.drop is not None:
            self.close_connection = True
            head, body = head if fault.drop else b"", body[: fault.drop]
        if fault.stall is not None:
            first, seconds = fault.stall
            self.wfile.write(head + body[:first])
            self.server.hub.pause(seconds)
            head, body = b"", body[first:]
        self.wfile.write(head + body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in hub.requests."""


def _refusal(error: HubError) -> Answer:
    headers = {"X-Error-Message": " ".join(error.message.split()), **error.headers}
    if error.code:
        headers["X-Error-Code"] = error.code
    return json_answer({"error": error.message, **error.facts}, error.status, headers)
