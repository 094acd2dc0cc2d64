"""Strangers' files are read in other processes, which may die of them; the same answers as in this one otherwise."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fingerprints.images.image import ImageError, decode, png_bytes
from registry.intake import sandbox as apart
from registry.intake.samples import IntakeError, Limits, Sample, Unreadable, read_samples
from registry.intake.sandbox import Decoders, read_parquet_apart
from registry.intake.sources.common import Encoded, Meter

pytestmark = pytest.mark.waits

NOISE = np.random.default_rng(0).integers(0, 256, (40, 56, 3), np.uint8)


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    pool = Decoders(2)
    yield pool
    pool.close()


def pids(pool: Decoders) -> list[int]:
    """Of the idle processes; each goes back into the line."""
    found = []
    for _ in range(pool._idle.qsize()):
        process = pool._idle.get()
        pool._idle.put(process)
        found.append(process.pid if process else 0)
    return sorted(found)


def gone(killed: list[int], pool: Decoders) -> None:
    """Waits until the idle ones among the killed have died: a signal takes its time on a busy machine."""
    for _ in range(pool._idle.qsize()):
        process = pool._idle.get()
        while process and process.pid in killed and process.alive:
            time.sleep(0.01)
        pool._idle.put(process)


class TestImages:
    def test_the_same_image_as_in_this_process(self, decoders: Decoders, photo_paths: list[Path]) -> None:
        for path in photo_paths[:3]:
            for source in (path, path.read_bytes()):
                here, there = decode(source, "a.jpg"), decoders.decode(source, "a.jpg")
                np.testing.assert_array_equal(here.pixels, there.pixels)
                assert replace(here, pixels=NOISE) == replace(there, pixels=NOISE)

    def test_the_same_sentences(self, decoders: Decoders, tmp_path: Path) -> None:
        (tmp_path / "naïve.png").write_bytes(b"hello")
        for source in (b"", b"hello", b"%PDF", png_bytes(NOISE)[:200], tmp_path / "naïve.png", tmp_path / "none.png"):
            with pytest.raises(ImageError) as here:
                decode(source)
            with pytest.raises(ImageError) as there:
                decoders.decode(source)
            assert str(here.value) == str(there.value)

    def test_one_that_is_killed_is_replaced_and_the_visitor_reads_a_sentence(
        self, decoders: Decoders, tmp_path: Path
    ) -> None:
        before = pids(decoders)
        endless = tmp_path / "pipe.png"
        os.mkfifo(endless)  # nobody writes to it, so reading it waits
        threading.Timer(0.5, lambda: [os.kill(pid, signal.SIGKILL) for pid in before]).start()
        with pytest.raises(ImageError, match=r"pipe\.png could not be read .* given up"):
            decoders.decode(endless)
        gone(before, decoders)
        for _ in range(3):  # the one that was idle when it was killed costs nobody an answer
            np.testing.assert_array_equal(decoders.decode(png_bytes(NOISE)).pixels, NOISE)
        assert not set(before) & set(pids(decoders))

    def test_one_that_waits_for_ever_is_ended(
        self, decoders: Decoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(apart, "_WALL_SECONDS", 0.5)
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(ImageError, match="given up"):
            decoders.decode(tmp_path / "pipe.png")

    def test_a_machine_without_a_process_to_spare(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        pool = Decoders(1)
        os.kill(pids(pool)[0], signal.SIGKILL)
        time.sleep(0.2)

        def fails(*_: Any, **__: Any) -> Any:
            raise BlockingIOError("Resource temporarily unavailable")

        with monkeypatch.context() as patch:
            patch.setattr(apart.subprocess, "Popen", fails)
            for _ in range(2):
                with pytest.raises(ImageError, match="no process to spare"):
                    pool.decode(png_bytes(NOISE))
            with pytest.raises(IntakeError, match="no process to spare"):
                next(read_parquet_apart(tmp_path / "a.parquet", "image", Meter(Limits(), None)))
        assert pool.decode(png_bytes(NOISE)).width == 56
        pool.close()

    def test_too_much_memory_is_a_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(apart, "DECODING_MEGABYTES", 300)
        stored = io.BytesIO()
        PIL.Image.new("RGB", (7_900, 7_900)).save(stored, "PNG", compress_level=1)
        pool = Decoders(1)
        with pytest.raises(ImageError, match=r"memory"):
            pool.decode(stored.getvalue(), "large.png")
        assert pool.decode(png_bytes(NOISE)).width == 56
        pool.close()

    def test_it_knows_no_secret_and_can_write_nothing(
        self, decoders: Decoders, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FINGERPRINT_OWNER_TOKEN", "secret")
        pool = Decoders(1)
        pool.decode(png_bytes(NOISE))
        [pid] = pids(pool)
        assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "Max file size             0 " in limits and "Max address space         1677721600" in limits
        pool.close()

    def test_what_does_not_answer_as_agreed_is_ended(self, decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
        for wrong in (
            {"shape": [10**6, 10**6, 3]},
            {"shape": [5, 5, 4]},
            {"shape": "large"},
            {"shape": [40, 56, 3]},
            {},
            [],
        ):
            monkeypatch.setattr(json, "loads", lambda _, answer=wrong: answer)
            with pytest.raises(ImageError, match="given up"):
                decoders.decode(png_bytes(NOISE))
            monkeypatch.undo()
        assert decoders.decode(png_bytes(NOISE)).height == 40


def parquet(path: Path, rows: int = 5) -> Path:
    images = [{"bytes": png_bytes(np.roll(NOISE, n, axis=0)), "path": None} for n in range(rows)]
    pq.write_table(pa.table({"image": images, "content_id": list(range(rows))}), path)
    return path


class TestIntake:
    def test_samples_of_strangers_are_the_same(self, tmp_path: Path, small_zip: Path) -> None:
        sources = [parquet(tmp_path / "a.parquet"), small_zip]
        here, there = list(read_samples(sources)), list(read_samples(sources, untrusted=True))
        assert [type(item) for item in here] == [type(item) for item in there]
        for one, other in zip(here, there, strict=True):
            if isinstance(one, Sample) and isinstance(other, Sample):
                assert one.content == other.content and one.image.digest == other.image.digest
            else:
                assert one == other
        assert any(isinstance(item, Unreadable) for item in there)

    @pytest.fixture
    def small_zip(self, tmp_path: Path) -> Path:
        import zipfile

        with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
            archive.writestr("one.png", png_bytes(NOISE[:30]))
            archive.writestr("two.png", b"hello")
        return tmp_path / "b.zip"

    def test_a_hostile_parquet_file_is_refused_in_a_sentence(self, tmp_path: Path) -> None:
        data = parquet(tmp_path / "a.parquet").read_bytes()
        (tmp_path / "cut.parquet").write_bytes(data[:-20])
        for path, words in (
            (tmp_path / "cut.parquet", "cannot be read"),
            (tmp_path / "none.parquet", "cannot be read"),
        ):
            with pytest.raises(IntakeError, match=words):
                list(read_parquet_apart(path, "image", Meter(Limits(), None)))

    def test_rows_that_unpack_to_more_than_the_memory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(apart, "PARQUET_MEGABYTES", 500)
        wide = pa.array([bytes(60_000_000)] * 12, pa.large_binary())
        pq.write_table(pa.table({"image": wide}), tmp_path / "bomb.parquet", compression="zstd")
        with pytest.raises(IntakeError, match=r"bomb\.parquet .*(memory|damaged)"):
            list(read_parquet_apart(tmp_path / "bomb.parquet", "image", Meter(Limits(), None)))

    def test_limits_hold_over_sources(self, tmp_path: Path) -> None:
        meter = Meter(Limits(max_files=7), None)
        path = parquet(tmp_path / "a.parquet")
        assert sum(isinstance(found, Encoded) for found in read_parquet_apart(path, "image", meter)) == 5
        with pytest.raises(IntakeError, match="at most 7"):
            list(read_parquet_apart(path, "image", meter))
