"""Past one machine: two worker processes give what one process gives, also when one of them is killed."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fingerprints.images.image import Image, decode, from_pixels, png_bytes
from fingerprints.model.summary import Summarise
from registry.__main__ import main
from registry.answers.answering import Answering
from registry.answers.identify import Answer
from registry.building.embed_samples import embed_all
from registry.contributions.batch import Batch, read_batch
from registry.contributions.contribute import Draft, draft
from registry.intake.cluster import ClusterError, _interrupts_blocked, cluster
from registry.intake.samples import Sample, Unreadable, read_samples
from registry.storage.card import Card
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER, PRESET, Small

pytestmark = pytest.mark.waits

distributed = pytest.importorskip("distributed", reason="Dask is not installed: see requirements-cluster.txt")

COUNT = 320


@pytest.fixture(scope="module")
def workers() -> Iterator[object]:
    """Two processes of one thread each."""
    with cluster("local") as mapper:
        yield mapper


def same(one: Draft, other: Draft) -> None:
    """To a relative 1e-6, whatever is in a fingerprint; and the same words."""
    assert (one.card, one.report) == (other.card, other.report)
    for space, print_ in one.fingerprints.items():
        twin = other.fingerprints[space]
        assert (print_.samples, print_.contents) == (twin.samples, twin.contents)
        for name in ("mean", "changed", "artifacts", "looseness", "norm"):
            ours, theirs = (np.asarray(getattr(p, name), dtype=float) for p in (print_, twin))
            assert np.linalg.norm(ours - theirs) <= 1e-6 * np.linalg.norm(ours), (space, name)


def test_two_workers_give_the_fingerprint_of_one_process(small: Small, newcomer_batch: Batch, workers) -> None:
    collection = small.snapshot().collection(COLLECTION)
    items = [*read_samples([small.samples[NEWCOMER]])]
    mixed = [Unreadable("first.txt", "not an image"), *items[:50], Unreadable("a.txt", "not an image"), *items[50:]]
    *_, batch = read_batch(mixed, collection, workers)
    assert [u.origin for u in batch.unreadable] == ["first.txt", "a.txt"] and batch.digests == newcomer_batch.digests
    batch.unreadable.clear()
    same(draft(newcomer_batch, Card(NEWCOMER), collection), draft(batch, Card(NEWCOMER), collection))


def test_a_collection_is_embedded_alike(small: Small, workers) -> None:
    sources = {"photos": [small.reals]}, {"nearest": [small.samples["nearest"]]}
    here, there = (embed_all(PRESET, *sources, limit=40, mapper=mapper) for mapper in (None, workers))
    assert here.digests == there.digests and list(here.photos) == list(there.photos)
    for ours, theirs in ((here.photos, there.photos), (here.generators, there.generators)):
        for name, images in ours.items():
            for space, rows in images.rows.items():
                np.testing.assert_allclose(theirs[name].rows[space], rows, rtol=1e-5, atol=1e-5)


def test_a_worker_of_another_version_refuses(small: Small, workers) -> None:
    collection = small.snapshot().collection(COLLECTION)
    image = next(item.image for item in read_samples([small.samples[NEWCOMER]]) if isinstance(item, Sample))
    other = {**collection.references, "dct": replace(collection.references["dct"], version=99)}
    with pytest.raises(ValueError, match=r"of another version: dct \d+, not 99"):
        list(workers(Summarise(collection.form, other, ["as is"]), [image]))


class Noted:
    """A function that leaves a line for every image, so that a test sees how often it was computed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, image: Image) -> tuple[str, int]:
        with (self.folder / f"{os.getpid()}").open("a") as lines:
            lines.write(f"{image.origin}\n")
        time.sleep(0.01)
        return image.origin, int(image.pixels.sum())


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_its_own_shards(tmp_path: Path) -> None:
    images = [from_pixels(np.full((64, 64, 3), n % 256, np.uint8), str(n)) for n in range(COUNT)]

    def kill() -> None:
        while len(done := list(tmp_path.iterdir())) < 2 or any(p.stat().st_size < 50 for p in done):
            time.sleep(0.01)
        os.kill(int(done[0].name), signal.SIGKILL)

    with cluster("local") as mapper:
        killer = threading.Thread(target=kill)
        killer.start()
        found = list(mapper(Noted(tmp_path), images))
        killer.join()
    assert found == [(str(n), n % 256 * 64 * 64 * 3) for n in range(COUNT)]
    computed = sum(len(path.read_text().split()) for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 3  # two, and the one started in place of the lost one
    assert COUNT <= computed <= COUNT + 3 * 32, computed


def test_the_fingerprint_is_the_same_when_a_worker_is_killed(small: Small, newcomer_batch: Batch) -> None:
    collection = small.snapshot().collection(COLLECTION)
    with cluster("local") as mapper:
        batches = read_batch(read_samples([small.samples[NEWCOMER]]), collection, mapper)
        next(batches)
        client = distributed.get_client()
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        *_, batch = batches
    same(draft(newcomer_batch, Card(NEWCOMER), collection), draft(batch, Card(NEWCOMER), collection))


def clients() -> set[int]:
    return {id(thing) for thing in gc.get_objects() if type(thing) is distributed.Client}


def test_no_scheduler_at_the_address(small_store: Store, small: Small, capsys, monkeypatch) -> None:
    monkeypatch.setattr("registry.intake.cluster._SECONDS", 0.5)
    before = clients()
    add = ["add", NEWCOMER, str(small.samples[NEWCOMER]), "--collection", COLLECTION]
    for address in ("tcp://127.0.0.1:9", "nowhere"):
        assert main([*add, "--cluster", address, "--registry", str(small_store.folder)]) == 1
        assert f"no Dask scheduler answers at {address}." in capsys.readouterr().err
    assert NEWCOMER not in small_store.snapshot().collection(COLLECTION).names
    assert main([*add, "--cluster", "tls://127.0.0.1:9", "--registry", str(small_store.folder)]) == 1
    assert "tls" in capsys.readouterr().err.lower()
    # one that found nobody would close itself later, while the next test makes another: neither would ever end
    assert clients() <= before


def test_inside_an_event_loop(monkeypatch) -> None:
    monkeypatch.setattr("registry.intake.cluster._SECONDS", 0.5)

    async def inside() -> None:
        with pytest.raises(ClusterError, match="no Dask scheduler"), cluster("tcp://127.0.0.1:9"):
            pass

    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, inside()).result()


def test_a_scheduler_without_workers(monkeypatch) -> None:
    monkeypatch.setattr("registry.intake.cluster._SECONDS", 0.5)
    said = r"has no workers\. Start some with `dask worker tcp://"
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as empty:
        address = empty.scheduler_address
        with pytest.raises(ClusterError, match=said), cluster(address):
            pass


def test_without_dask(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"Install what is in requirements-cluster.txt"), cluster("local"):
        pass


def test_the_command_line_adds_by_two_workers(small_store: Store, small: Small, capsys) -> None:
    add = ["add", NEWCOMER, str(small.samples[NEWCOMER]), "--collection", COLLECTION, "--cluster", "local"]
    assert main([*add, "--registry", str(small_store.folder)]) == 0
    assert "from 98 samples" in capsys.readouterr().err
    assert small_store.snapshot().verify() == []


def test_processes_of_a_cluster_never_hear_of_ctrl_c() -> None:
    """A terminal sends it to all; the first one ends the others, in order."""
    ask = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"

    def deaf() -> bool:
        return subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout == "True\n"

    with _interrupts_blocked():
        assert deaf()
    assert not deaf()


def identified(small_store: Store, capsys, *arguments: str | Path) -> tuple[int, list[dict[str, object]], str]:
    code = main(["identify", *map(str, arguments), "--json", "--registry", str(small_store.folder)])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_the_command_line_identifies_by_two_workers(
    small_store: Store, small: Small, tmp_path: Path, capsys, monkeypatch
) -> None:
    """The answers of one process, in the order of the paths, what cannot be read in its place; the owner's strictness
    is that of the workers, which share no folder with the sender."""
    monkeypatch.setenv("FINGERPRINT_STRICTNESS", "strict")
    paths = [tmp_path / "gone.png", small.held_out["nearest"], tmp_path / "broken.png", small.held_out["bicubic"]]
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "large.png").write_bytes(png_bytes(np.zeros((200, 200, 3), np.uint8)))
    paths.append(tmp_path / "large.png")
    code, here, said = identified(small_store, capsys, *paths, "--joint")
    there_code, there, there_said = identified(small_store, capsys, *paths, "--joint", "--cluster", "local")
    assert (there_code, there_said) == (code, said) == (1, said)
    assert len(here) > 5 and len(here[-1]["paths"]) > 2 and all(one["strictness"] == "strict" for one in here[1:3])
    assert there == here


def test_answering_is_sent_with_its_files(small_store: Store, small: Small, tmp_path: Path) -> None:
    """It answers where there is no registry, and leaves nothing behind."""
    answering = Answering(small_store.snapshot(), stability=True)
    sent = pickle.dumps(answering)
    image = decode(small.held_out["nearest"] / "000.png")
    here = answering(image)
    shutil.rmtree(small_store.folder)
    there = pickle.loads(sent)
    answer = there(image)
    assert isinstance(here, Answer) and isinstance(answer, Answer)
    assert answer.to_json() == here.to_json()
    unpacked = Path(there._unpacked.name)
    assert unpacked.exists()
    del there
    gc.collect()
    assert not unpacked.exists()
