"""The API as programs see it, through a running app and the unmodified gradio_client."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file

from demo import build_demo, launch_options, shell
from demo.words import long_text
from fingerprints.images import decode, png_bytes
from registry.identify import identify
from registry.store import Store
from small import COLLECTION, Small


@pytest.fixture
def picture(small: Small, tmp_path: Path) -> Path:
    path = tmp_path / "nearest.png"
    path.write_bytes(png_bytes(small.pixels.held_out["nearest"][0]))
    return path


@pytest.fixture
def big_picture(photos: list[np.ndarray], tmp_path: Path) -> Path:
    """96 px: large enough that a crop of it is covered too."""
    path = tmp_path / "big.png"
    path.write_bytes(png_bytes(photos[0][:96, :96]))
    return path


@pytest.fixture(scope="module")
def client(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    store = Store(Path(shutil.copytree(small.folder, tmp_path_factory.mktemp("api") / "registry")), builtin=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        demo = build_demo(store)
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **launch_options())
        yield Client(url, verbose=False)
        demo.close()


def test_programs_see_few_documented_endpoints(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(endpoints) == ["/identify", "/identify_together", "/list", "/compare"]
    assert all(facts["description"] for facts in endpoints.values())
    names = [[p["parameter_name"] for p in facts["parameters"]] for facts in endpoints.values()]
    assert names == [["image", "stability"], ["images"], [], ["collection", "one", "other"]]


def test_programs_get_the_list(client: Client, small: Small) -> None:
    listed = client.predict(api_name="/list")
    assert [one["name"] for one in listed] == ["bicubic", "nearest", "transposed"] and listed[0]["samples"] == 98


def test_programs_may_ask_for_several_at_once(client: Client, small: Small, tmp_path: Path) -> None:
    broken = tmp_path / "note.png"
    broken.write_text("hello")
    given = [*sorted(small.held_out["nearest"].iterdir())[:3], broken]
    *singles, joint = client.predict([handle_file(str(path)) for path in given], api_name="/identify_together")
    assert [single["file"] for single in singles] == [path.name for path in given]
    assert "not an image" in singles[-1]["error"] and len(joint["paths"]) == 3
    assert joint["candidates"][0]["generator"] == "nearest"
    [refused] = client.predict([handle_file(str(given[0]))] * 25, api_name="/identify_together")
    assert "25 files" in refused["error"]


def test_answers_are_streamed_to_programs(client: Client, small: Small, picture: Path) -> None:
    job = client.submit(handle_file(str(picture)), api_name="/identify")
    last = job.result(timeout=60)
    expected = list(identify(small.snapshot(), decode(picture)))[-1].to_json()
    assert [output["final"] for output in job.outputs()] == [False, False, True]
    assert expected.pop("path") == last["file"] and expected.items() <= last.items() and last["stable"] is None


def test_programs_may_ask_for_stability(client: Client, big_picture: Path) -> None:
    job = client.submit(handle_file(str(big_picture)), True, api_name="/identify")
    last = job.result(timeout=60)
    before = job.outputs()[-2]
    assert before["final"] and isinstance(last["stable"], bool) and {**before, "stable": last["stable"]} == last


def test_the_example_on_the_page_runs(
    client: Client, big_picture: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = re.search(r"```python\n(.*?)```", long_text("about"), re.DOTALL)
    assert code is not None
    here = {"http://127.0.0.1:7860": client.src, "photo.png": str(big_picture), "second.png": str(picture)}
    example = code[1]
    for word, mine in here.items():
        assert word in example
        example = example.replace(word, mine)
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["answer"]["verdict"] in capsys.readouterr().out
    assert len(names["answers"]) == 3 and len(names["generators"]) == 3


def test_programs_get_errors_as_sentences(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    path.write_text("hello")
    answer = client.predict(handle_file(str(path)), api_name="/identify")
    assert "not an image" in answer["error"] and str(tmp_path) not in json.dumps(answer)


def test_uploads_are_deleted_in_time(
    small: Small, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell._FREQUENCY + shell._AGE <= 3600  # the hour that the pages promise
    monkeypatch.setattr(shell, "_FREQUENCY", 1)
    monkeypatch.setattr(shell, "_AGE", 1)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    demo = build_demo(Store(small.folder, builtin=None))
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **launch_options())
    Client(url, verbose=False).predict(handle_file(str(picture)), api_name="/identify")
    kept = list((tmp_path / "uploads").rglob(picture.name))
    until = time.monotonic() + 20
    while any(path.exists() for path in kept) and time.monotonic() < until:
        time.sleep(0.2)
    demo.close()
    assert kept and not any(path.exists() for path in kept)


def test_programs_can_compare_two_generators(client: Client, small: Small) -> None:
    one, other, *_ = small.snapshot().collection(COLLECTION).names
    found = client.predict(COLLECTION, one, other, api_name="/compare")
    assert found["generators"] == [one, other] and found["distance"] > 0 and found["nearer"] >= 0
    assert all(0 <= share <= 1 for share in found["taken_for_other"])
    assert client.predict(COLLECTION, one, one, api_name="/compare")["distance"] == 0
    assert "nobody" in client.predict(COLLECTION, one, "nobody", api_name="/compare")["error"]
