"""What strangers may ask of a running app: limits, closed addresses, headers, a line, and nothing of each other."""

from __future__ import annotations

import contextvars
import io
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gradio_client import Client, handle_file
from starlette.responses import Response
from starlette.testclient import TestClient

from demo import build_demo, launch_options
from demo.answers.single import steps
from demo.server import limits
from demo.server.limits import Allowance
from demo.server.line import ANSWERS, Busy, Line
from fingerprints.settings import PROXIES, Settings
from registry.storage.store import Store
from small import Small

pytestmark = pytest.mark.waits


@pytest.fixture(scope="module")
def url(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(Path(shutil.copytree(small.folder, tmp_path_factory.mktemp("limits") / "registry")), builtin=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        patch.setenv(PROXIES, "1")
        demo = build_demo(store)
        _, url, _ = demo.launch(
            prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **launch_options(demo, store)
        )
        yield url
        demo.close()


def ask(url: str, data: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, given), timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def upload(url: str, data: bytes, name: str, **headers: str) -> tuple[int, Any]:
    body = (
        (
            f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
        ).encode()
        + data
        + b"\r\n--b--\r\n"
    )
    status, _, said = ask(f"{url}gradio_api/upload", body, Content_Type="multipart/form-data; boundary=b", **headers)
    return status, json.loads(said)


class TestAllowance:
    def test_it_fills_up_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [0.0]
        monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
        allowance = Allowance(most=3, rate=0.5)
        assert [allowance.take("a", 1) for _ in range(4)] == [0, 0, 0, 2]
        assert allowance.take("b", 1) == 0
        now[0] = 2.0
        assert allowance.take("a", 1) == 0 and allowance.take("a", 1) == 2

    def test_it_remembers_so_many_clients(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [0.0]
        monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
        monkeypatch.setattr(limits, "_MOST_CLIENTS", 5)
        allowance = Allowance(most=3, rate=1)
        for number in range(5):
            allowance.take(str(number), 1)
        now[0] = 10.0
        allowance.take("new", 1)
        assert len(allowance._left) == 1


def told(number: int) -> int:
    return -number


class TestLine:
    def test_numbers_in_line_then_a_turn(self) -> None:
        line = Line(places=1, waiting=2, each=9)
        first, second, third = (line.through(iter(range(2)), told) for _ in range(3))
        assert [next(first), next(second), next(third)] == [0, -1, -2]
        with pytest.raises(Busy, match="2 are in line already"):
            next(line.through(iter(()), told))
        assert list(first) == [1]
        assert [next(third), next(second)] == [-1, 0]
        second.close()
        assert list(third) == [0, 1] and len(line) == 0

    def test_who_waits_is_woken(self) -> None:
        line, seen = Line(places=1, waiting=2, each=9), list[int]()
        first = line.through(iter([0, 1]), told)
        next(first)
        thread = threading.Thread(target=lambda: seen.extend(line.through(iter([7]), told)))
        thread.start()
        time.sleep(0.2)
        assert seen == [-1] and list(first) == [1]
        thread.join(5)
        assert seen == [-1, 7]

    def test_all_are_served_by_a_few_threads_in_their_own_context(self) -> None:
        line, threads, seen = Line(places=1, waiting=9, each=9), set[int](), list[str]()
        who = contextvars.ContextVar("who", default="nobody")

        def steps() -> Iterator[str]:
            for _ in range(3):
                threads.add(threading.get_ident())
                yield who.get()

        def visit(name: str) -> None:
            who.set(name)
            seen.extend(line.through(steps(), lambda number: ""))

        visitors = [threading.Thread(target=visit, args=(str(number),)) for number in range(8)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join(20)
        assert sorted(filter(None, seen)) == sorted(3 * [str(number) for number in range(8)])
        assert 1 <= len(threads) <= 2 and not threads & {visitor.ident for visitor in visitors}

    def test_one_client_cannot_fill_it(self) -> None:
        line = Line(places=1, waiting=9, each=2)
        visits = [line.through(iter([0]), told) for _ in range(3)]
        assert [next(visits[0]), next(visits[1])] == [0, -1]
        with pytest.raises(Busy, match="2 requests of yours"):
            next(visits[2])

    @pytest.mark.parametrize("limit", ["_LONGEST_TURN", "_LONGEST_ABSENCE"])
    def test_a_turn_ends_in_time_whoever_holds_it(self, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
        line = Line(places=1, waiting=9, each=9)
        gone, waits = line.through(iter([0, 1]), told), line.through(iter([7]), told)
        assert [next(gone), next(waits)] == [0, -1]
        monkeypatch.setattr(f"demo.server.line.{limit}", 0.05)
        time.sleep(0.1)
        if limit == "_LONGEST_ABSENCE":
            assert len(line) == 0
            with pytest.raises(Busy, match="away for too long"):
                next(waits)
        else:
            assert list(waits) == [7]
        assert len(line) == 0

    def test_visitors_read_their_number_and_busy(self, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ANSWERS, "places", 0)
        monkeypatch.setattr(ANSWERS, "each", 1)
        picture = next(small.held_out["nearest"].iterdir())
        waits = steps(Store(small.folder, builtin=None), picture)
        assert "number 1 in line" in next(waits).answer
        [refused] = steps(Store(small.folder, builtin=None), picture)
        assert "1 requests of yours" in refused.answer and "Please wait" in refused.answer
        waits.close()
        assert len(ANSWERS) == 0


class TestServer:
    def test_security_headers_are_on_every_response(self, url: str) -> None:
        for path in ("", "gallery", "config", "gradio_api/info", "nothing-here", "gradio_api/proxy=x"):
            _, headers, _ = ask(url + path)
            lower = {name.lower(): value for name, value in headers.items()}
            assert "frame-ancestors 'self'" in lower["content-security-policy"], path
            assert lower["x-content-type-options"] == "nosniff" and lower["referrer-policy"] == "no-referrer"

    @pytest.mark.parametrize(
        "path",
        [
            "gradio_api/proxy=http://127.0.0.1:9/",
            "gradio_api/file=http://127.0.0.1:9/a.png",
            "gradio_api/stream/x/y",
            "monitoring",
            "gradio_api/deep_link?session_hash=x",
            "gradio_api/vibe-code/",
        ],
    )
    def test_what_the_pages_do_not_use_is_closed(self, url: str, path: str) -> None:
        assert ask(url + path)[0] == 404

    @pytest.mark.parametrize("path", ["/monitoring", "/sub/monitoring", "/sub/gradio_api/deep_link"])
    def test_nor_is_it_open_under_the_path_of_a_proxy(self, path: str) -> None:
        """The app itself takes addresses with and without that path."""
        seen: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            seen.append(scope["path"])
            await Response("here")(scope, receive, send)

        client = TestClient(limits.Guard(app, Settings()), root_path="/sub")
        assert client.get(path).status_code == 404 and seen == []
        assert client.get("/sub/gallery").status_code == 200 and seen == ["/sub/gallery"]

    def test_nothing_is_fetched_for_a_visitor(self, url: str) -> None:
        asked: list[str] = []
        for path in ("call/identify", "queue/join", "run/identify"):
            for where in ("http://127.0.0.1:9/a.png", "https://example.org/a.png", "ftp://127.0.0.1/a.png"):
                body = {"data": [{"path": where, "meta": {"_type": "gradio.FileData"}}, False], "session_hash": "x"}
                status, _, said = ask(
                    f"{url}gradio_api/{path}", json.dumps(body).encode(), Content_Type="application/json"
                )
                asked.append(f"{status} {json.loads(said)['detail']}")
        assert set(asked) == {"400 Give the file itself: this server fetches nothing from other addresses."}

    def test_bodies_are_bounded(self, url: str) -> None:
        status, _, said = ask(f"{url}gradio_api/queue/join", b" " * 2_100_000, Content_Type="application/json")
        assert status == 413 and b"at most 2 MB" in said

    def test_a_file_is_known_to_who_sent_it_alone(self, url: str, small: Small, tmp_path: Path) -> None:
        picture = next(small.held_out["nearest"].iterdir())
        status, [path] = upload(url, picture.read_bytes(), "mine.png", X_Forwarded_For="10.0.0.1")
        assert status == 200 and ask(f"{url}gradio_api/file={path}")[2] == picture.read_bytes()
        folder, root = Path(path).parent, Path(path).parent.parent
        assert len(folder.name) == 64  # a digest with a seed that this server alone knows
        for other in (folder, root, f"{root}/*/mine.png", f"{folder}/..", "/etc/passwd", root.parent / "registry"):
            status, _, said = ask(f"{url}gradio_api/file={other}")
            assert status in {403, 404} and picture.read_bytes() not in said, other
        for other in (small.folder / "current", "/proc/self/environ", f"{path}/../../../registry/current"):
            status, _, _ = ask(f"{url}gradio_api/file={other}")
            assert status in {403, 404}, other

    def test_each_client_has_an_allowance(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        now = time.monotonic()
        monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: now))  # none fills up again meanwhile

        def join(client: str) -> int:
            return ask(f"{url}gradio_api/queue/join", b"{}", Content_Type="application/json", X_Forwarded_For=client)[0]

        statuses = [join("10.9.9.9") for _ in range(305)]
        assert statuses[:300].count(429) == 0 and set(statuses[300:]) == {429}
        assert join("1.1.1.1, 10.9.9.8") != 429 and join("10.9.9.8, 10.9.9.9") == 429

    def test_uploads_are_bounded(self, url: str) -> None:
        status, _, said = ask(f"{url}gradio_api/upload", b"x", Content_Length="900000000", X_Forwarded_For="10.1.1.1")
        assert status == 413 and b"at most 600 MB" in said

    def test_programs_still_get_answers(self, url: str, small: Small) -> None:
        picture = next(small.held_out["nearest"].iterdir())
        answer = Client(url, verbose=False).predict(handle_file(str(picture)), api_name="/identify")
        assert answer["final"] and len(ANSWERS) == 0


def test_who_leaves_gives_up_their_place(url: str, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ANSWERS, "places", 0)
    picture = next(small.held_out["nearest"].iterdir())
    client = Client(url, verbose=False)
    job = client.submit(handle_file(str(picture)), api_name="/identify")
    assert becomes(1)
    job.cancel()
    assert becomes(0)


def becomes(length: int, seconds: float = 60) -> bool:
    """Is the line so long, now or in a while? A server that nobody told learns it from the next beat of its streams."""
    until = time.monotonic() + seconds
    while len(ANSWERS) != length and time.monotonic() < until:
        time.sleep(0.05)
    return len(ANSWERS) == length


def test_an_empty_upload_stream(url: str) -> None:
    assert ask(f"{url}gradio_api/upload", io.BytesIO(b"").read())[0] in {400, 411, 422}
