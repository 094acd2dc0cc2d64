"""The API as programs see it, through a running app and the unmodified gradio_client."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradio_client import Client, handle_file
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demo import build_demo, launch_options, shell
from demo.contribute.jobs import Jobs
from demo.programs.contribute_api import contributed_json
from demo.server.health import health_route
from fingerprints.claims import read_claims
from fingerprints.errors import UserError
from fingerprints.images.image import decode, png_bytes
from fingerprints.settings import Settings
from registry.answers.identify import identify
from registry.storage.store import Store
from signing import signed
from small import COLLECTION, NEWCOMER, Small

pytestmark = pytest.mark.waits


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


@pytest.fixture
def samples(small: Small, tmp_path: Path) -> Path:
    """Of a generator that the registry does not hold, as a zip."""
    path = tmp_path / "newcomer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for image in sorted(small.samples[NEWCOMER].iterdir())[:40]:
            archive.write(image, image.name)
    return path


@pytest.fixture(scope="module")
def client(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    store = Store(Path(shutil.copytree(small.folder, tmp_path_factory.mktemp("api") / "registry")), builtin=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        demo = build_demo(store)
        _, url, _ = demo.launch(
            prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **launch_options(demo, store)
        )
        yield Client(url, verbose=False)
        demo.close()


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


def test_programs_read_what_the_file_claims(client: Client, picture: Path) -> None:
    picture.write_bytes(signed(picture.read_bytes(), "image/png"))
    one = client.predict(handle_file(str(picture)), api_name="/identify")
    assert one["claims"] == [claim.to_json() for claim in read_claims(picture.read_bytes())]
    assert one["claims"][0]["signed"] == "valid"
    rows = client.predict([handle_file(str(picture))] * 2, api_name="/identify_together")
    assert [row["claims"] for row in rows[:2]] == [one["claims"]] * 2


def test_programs_may_ask_for_stability(client: Client, big_picture: Path) -> None:
    job = client.submit(handle_file(str(big_picture)), True, api_name="/identify")
    last = job.result(timeout=60)
    before = job.outputs()[-2]
    assert before["final"] and isinstance(last["stable"], bool) and {**before, "stable": last["stable"]} == last


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
    store = Store(small.folder, builtin=None)
    demo = build_demo(store)
    _, url, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **launch_options(demo, store)
    )
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


# Contribute.


def test_a_program_adds_a_generator(client: Client, samples: Path, small: Small) -> None:
    given, card = [handle_file(str(samples))], {"name": NEWCOMER, "title": "New", "design": {"loss": "hinge"}}
    job = client.submit(given, card, api_name="/contribute")
    last = job.result(timeout=120)
    told = job.outputs()
    assert last["status"] == "added" and last["collection"] == COLLECTION and last["report"]["samples"] == 40
    assert last["not_usable"] == [] and [step["final"] for step in told] == [False] * (len(told) - 1) + [True]
    assert all(step["done"] <= 40 and step["total"] in (None, 40) for step in told[:-1])
    assert NEWCOMER in [one["name"] for one in client.predict(api_name="/list")]
    again = client.predict(given, card, api_name="/contribute")
    assert f"already has a generator '{NEWCOMER}'" in again["error"]


@pytest.mark.parametrize(
    ("card", "words"),
    [({"name": "Not A Slug"}, "cannot be a name"), ({"title": "no name"}, "needs a name"), ("words", "JSON object")],
)
def test_a_card_is_refused_before_anything_is_computed(client: Client, samples: Path, card: Any, words: str) -> None:
    job = client.submit([handle_file(str(samples))], card, api_name="/contribute")
    assert words in job.result(timeout=60)["error"] and len(job.outputs()) == 1


def test_a_program_meets_the_same_limits_as_the_page(client: Client, picture: Path, tmp_path: Path) -> None:
    card, note = {"name": "few"}, tmp_path / "note.png"
    note.write_text("hello")
    one, nothing = [handle_file(str(picture))], [handle_file(str(note))]
    for samples, collection, words in (
        (one, "", "at least 5"),
        (one, "nowhere", "no collection"),
        (nothing, "", "No collection covers"),
        ([], "", "No samples were given"),
    ):
        assert words in client.predict(samples, card, collection, api_name="/contribute")["error"]


def test_a_program_meets_the_policy_of_the_owner(small_store: Store, samples: Path) -> None:
    def last(settings: Settings, token: str = "") -> dict[str, Any]:
        jobs, card = Jobs((UserError,)), {"name": "held"}
        *_, said = contributed_json(settings, small_store, jobs, [samples], card, "", True, token)
        return said

    assert "takes no contributions" in last(Settings(contributions="closed"))["error"]
    by_token = Settings(contributions="token", contribution_token="open sesame")
    assert "not it" in last(by_token, "guess")["error"]
    held = last(by_token, "open sesame")
    assert held["status"] == "waiting" and held["number"]
    assert "held" not in [one.name for one in small_store.snapshot().listed()]


# Health.


def test_a_healthy_server_says_what_it_answers_from(client: Client) -> None:
    with urllib.request.urlopen(f"{client.src}health", timeout=10) as answer:
        said, kind = json.load(answer), answer.headers["content-type"]
    assert kind == "application/json" and said["status"] == "ok" and said["generators"] >= 3 and said["revision"]


def test_a_server_without_a_registry_is_not_well(tmp_path: Path) -> None:
    app = Starlette(routes=[health_route(Store(tmp_path / "none", builtin=None))])
    answer = TestClient(app).get("/health")
    assert answer.status_code == 503 and "is empty" in answer.json()["error"]
