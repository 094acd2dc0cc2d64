"""The page For programs: its samples run as they are printed, and its list is what a running app takes and gives."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file

from demo import build_demo, launch_options
from demo.programs.assistants import decoded
from demo.programs.endpoints import COMPARE, CONTRIBUTE, ENDPOINTS, IDENTIFY, LIST
from demo.programs.page import HERE, code_html, endpoints_html, samples
from demo.server import limits
from fingerprints import settings as settings_module
from fingerprints.images.image import png_bytes
from fingerprints.settings import SettingError, Settings
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER, Small

pytestmark = pytest.mark.waits


@contextmanager
def served(small: Small, folder: Path, settings: Settings) -> Iterator[str]:
    store = Store(Path(shutil.copytree(small.folder, folder / "registry")), builtin=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "uploads"))
        demo = build_demo(store, settings=settings)
        options = launch_options(demo, store, settings)
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **options)
        yield url
        demo.close()


@pytest.fixture(scope="module")
def url(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(small, tmp_path_factory.mktemp("programs"), Settings()) as url:
        yield url


@pytest.fixture
def here(small: Small, photos: list[np.ndarray], tmp_path: Path) -> Path:
    """A folder with the files that the samples name."""
    (tmp_path / "photo.png").write_bytes(png_bytes(photos[0][:96, :96]))
    (tmp_path / "second.png").write_bytes(png_bytes(small.pixels.held_out["nearest"][0]))
    with zipfile.ZipFile(tmp_path / "samples.zip", "w") as archive:
        for image in sorted(small.samples[NEWCOMER].iterdir())[:40]:
            archive.write(image, image.name)
    return tmp_path


def shown(language: str, url: str) -> str:
    """The sample as a visitor of ``url`` copies it from the page."""
    found = re.search(r"<code>(.*)</code>", code_html(language, samples()[language]), flags=re.DOTALL)
    assert found and HERE in found[1]
    return html.unescape(found[1]).replace(HERE, url)


def ran(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


# The samples.


def test_the_sample_for_curl_runs(url: str, here: Path) -> None:
    told = ran(["bash", "-euc", shown("bash", url)], here)
    answers = [json.loads(line.removeprefix("data: "))[0] for line in told.splitlines() if line.startswith("data: ")]
    *sketches, answer, listed = answers
    assert answer["final"] and answer["verdict"] and answer["file"] == "photo.png" and not sketches[0]["final"]
    assert [one["name"] for one in listed] == ["bicubic", "nearest", "transposed"]


def test_the_sample_for_python_runs(url: str, here: Path, small: Small) -> None:
    one, other, *_ = small.snapshot().collection(COLLECTION).names
    code = shown("python", url)
    for word, mine in {"text-to-image": COLLECTION, "kandinsky-3": one, "dreamshaper-8": other}.items():
        assert word in code  # of the embedded registry
        code = code.replace(word, mine)
    told = ran([sys.executable, "-c", code], here)
    assert "3 generators" in told and "not added" in told
    assert all(f'"/{endpoint.name}"' in code for endpoint in ENDPOINTS)


def test_the_sample_for_javascript_asks_at_the_same_addresses() -> None:
    """Where it cannot be run: the sample for curl can."""
    script, shell = samples()["javascript"], samples()["bash"]
    assert set(re.findall(r"gradio_api/\w+", script)) == set(re.findall(r"gradio_api/\w+", shell))
    assert set(re.findall(r'ask\("(\w+)"', script)) == set(re.findall(r"gradio_api/call/(\w+)", shell))


def test_the_sample_for_javascript_runs(url: str, here: Path) -> None:
    node = shutil.which("node")
    if node is None or int(ran([node, "--version"], here)[1:].split(".")[0]) < 20:
        pytest.skip("Node 20 or later is not installed")
    (here / "ask.mjs").write_text(shown("javascript", url))
    answer, generators = ran([node, "ask.mjs"], here).splitlines()
    assert answer.split()[0] in IDENTIFY.keys["verdict"] and generators == "3 generators"


# The list.


def test_the_list_is_what_the_app_takes(url: str) -> None:
    found = Client(url, verbose=False).view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(found) == [f"/{endpoint.name}" for endpoint in ENDPOINTS]
    for endpoint in ENDPOINTS:
        facts = found[f"/{endpoint.name}"]
        assert [one["parameter_name"] for one in facts["parameters"]] == list(endpoint.takes)
        assert facts["description"].startswith(endpoint.does)
        optional = {one["parameter_name"] for one in facts["parameters"] if one["parameter_has_default"]}
        assert optional == {name for name, what in endpoint.takes.items() if "(default" in what or name == "token"}


def test_the_list_is_what_the_app_gives(url: str, here: Path, small: Small) -> None:
    client, (one, other, *_) = Client(url, verbose=False), small.snapshot().collection(COLLECTION).names
    photo, second = handle_file(str(here / "photo.png")), handle_file(str(here / "second.png"))
    assert set(client.predict(photo, api_name="/identify")) == set(IDENTIFY.keys)
    *_, joint = client.predict([photo, second], api_name="/identify_together")
    assert set(joint) == set(IDENTIFY.keys) - {"file", "spaces", "final"} | {"paths"}
    assert set(client.predict(api_name="/list")[0]) == set(LIST.keys)
    assert set(client.predict(COLLECTION, one, other, api_name="/compare")) == set(COMPARE.keys)
    given = [handle_file(str(here / "samples.zip"))]
    last = client.predict(given, {"name": "newcomer"}, add=False, api_name="/contribute")
    assert set(last) == set(CONTRIBUTE.keys)


def test_the_page_says_all_of_the_list() -> None:
    page = html.unescape(endpoints_html())
    for endpoint in ENDPOINTS:
        assert endpoint.does in page
        assert all(f"<code>{name}</code></dt><dd>{what}" in page for name, what in endpoint.takes.items())


def test_every_page_links_to_it_and_gradios_own_is_gone(url: str) -> None:
    for path in ("", "gallery", "programs"):
        with urllib.request.urlopen(url + path, timeout=20) as answer:
            page = answer.read().decode()
        assert "./programs" in page and '"footer_links":[]' in page


# For assistants.


def test_assistants_are_off_unless_it_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings().serves_mcp and not Settings(mcp="0").serves_mcp
    assert called(url, "tools/list") is None
    with pytest.raises(SettingError, match=r"^\$FINGERPRINT_MCP is 'yes'; it may be 1\.$"):
        Settings(mcp="yes").check()
    monkeypatch.setattr(settings_module, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"not installed: pip install -r requirements-mcp\.txt\.$"):
        Settings(mcp="1").check()


def called(url: str, method: str, **parameters: Any) -> Any:
    """What the server says to one call of the protocol; None where there is no such address."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}gradio_api/mcp/", body, headers), timeout=60) as told:
            (line,) = [line for line in told.read().decode().splitlines() if line.startswith("data: ")]
    except urllib.error.HTTPError as error:
        return None if error.code in (404, 405) else error.code
    return json.loads(line.removeprefix("data: "))["result"]


@pytest.fixture(scope="module")
def assisting(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("mcp")
    with served(small, tmp_path_factory.mktemp("assistants"), Settings(mcp="1")) as url:
        yield url


def tool(url: str, name: str, **arguments: Any) -> Any:
    result = called(url, "tools/call", name=name, arguments=arguments)
    return None if result["isError"] else json.loads(result["content"][0]["text"])


def test_assistants_find_three_tools_and_no_others(assisting: str) -> None:
    found = {one["name"]: one["inputSchema"]["properties"] for one in called(assisting, "tools/list")["tools"]}
    assert {name: list(takes) for name, takes in found.items()} == {
        "identify_picture": ["picture"],
        "list_generators": [],
        "compare_generators": ["collection", "one", "other"],
    }
    for name in ("contribute", "identify", "identify_file", "identify_files", "identify_together"):
        assert tool(assisting, name) is None


def test_assistants_get_the_same_answers(assisting: str, here: Path, small: Small) -> None:
    client, (one, other, *_) = Client(assisting, verbose=False), small.snapshot().collection(COLLECTION).names
    picture = base64.b64encode((here / "second.png").read_bytes()).decode()
    expected = client.predict(handle_file(str(here / "photo.png")), api_name="/identify")
    for given in (picture, f"data:image/png;base64,{picture}"):
        assert set(tool(assisting, "identify_picture", picture=given)) == set(expected)
    assert tool(assisting, "list_generators") == client.predict(api_name="/list")
    names = {"collection": COLLECTION, "one": one, "other": other}
    assert tool(assisting, "compare_generators", **names) == client.predict(*names.values(), api_name="/compare")


def test_nothing_of_an_assistants_picture_is_kept(assisting: str, here: Path) -> None:
    def kept() -> set[Path]:
        return set(Path(os.environ["GRADIO_TEMP_DIR"]).rglob("*"))

    before = kept()
    picture = base64.b64encode((here / "photo.png").read_bytes()).decode()
    assert tool(assisting, "identify_picture", picture=picture)["verdict"]
    assert kept() == before


def test_programs_see_the_same_beside_assistants(assisting: str) -> None:
    found = Client(assisting, verbose=False).view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(found) == [f"/{endpoint.name}" for endpoint in ENDPOINTS]


@pytest.mark.parametrize("given", ["https://example.org/a.png", "/etc/passwd", "", "aGVsbG8="])
def test_a_tool_fetches_nothing_and_reads_no_file_of_the_server(assisting: str, given: str) -> None:
    said = tool(assisting, "identify_picture", picture=given)
    assert "base64" in said["error"] or "not an image" in said["error"]


def test_the_call_of_a_tool_has_a_limit(assisting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_TOOL_BYTES", 1000)
    given = {"picture": "A" * 2000}
    assert called(assisting, "tools/call", name="identify_picture", arguments=given) == 413


@pytest.mark.parametrize(("given", "data"), [("aGk=", b"hi"), ("data:image/png;base64,aGk=", b"hi"), ("hello!", b"")])
def test_base_64_is_read_with_and_without_its_kind(given: str, data: bytes) -> None:
    assert decoded(given) == data
