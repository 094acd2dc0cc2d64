"""Intake: every source a person may give, and every way in which it can be wrong."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import tracemalloc
import weakref
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fingerprints.images.image import Image, from_pixels, png_bytes
from registry.intake import samples as intake
from registry.intake.samples import (
    DataSet,
    Duplicate,
    IntakeError,
    Limits,
    Passed,
    Sample,
    Unreadable,
    image_files,
    listed,
    read_samples,
)

ROOT = Path(__file__).parents[3]


def picture(seed: int, side: int = 32) -> bytes:
    return png_bytes(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8))


def zip_of(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path


def parquet_of(path: Path, images: Sequence[Any], contents: Sequence[Any] | None = None, column: str = "image") -> Path:
    """A Parquet file in the layout of Hub image data sets."""
    cells = [{"bytes": image, "path": None} if isinstance(image, bytes) else image for image in images]
    columns: dict[str, Any] = {
        column: pa.array(cells, pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        "generator": ["g"] * len(images),
    }
    if contents is not None:
        columns["content_id"] = contents
    pq.write_table(pa.table(columns), path)
    return path


def damaged(data: bytes, seed: int, start: int = 0) -> bytes:
    """A few bytes from ``start`` on, replaced at random."""
    random = np.random.default_rng(seed)
    changed = bytearray(data)
    for position in random.integers(start, len(data), 1 + seed % 5):
        changed[position] = random.integers(0, 256)
    return bytes(changed)


def read(*sources: str | Path, **options: Any) -> list[Sample | Unreadable | Duplicate]:
    return list(read_samples(sources, **options))


def samples(items: Sequence[Sample | Unreadable | Duplicate]) -> list[str]:
    return [item.image.origin for item in items if isinstance(item, Sample)]


def reasons(items: Sequence[Sample | Unreadable | Duplicate]) -> dict[str, str]:
    return {item.origin: item.reason for item in items if isinstance(item, Unreadable)}


def refusal(*sources: str | Path, **options: Any) -> str:
    with pytest.raises(IntakeError) as caught:
        read(*sources, **options)
    text = str(caught.value)
    assert text.endswith((".", ")")) and "\n" not in text
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, one of them broken, among what else lies in folders."""
    root = tmp_path / "samples"
    for name, data in {
        "b.png": picture(1),
        "a/c.PNG": picture(2),
        "a/broken.png": picture(3)[:200],
        "notes.txt": b"text",
        "movie.mp4": b"\x00\x00\x00\x18ftypmp42",
        ".hidden.png": picture(4),
        ".cache/d.png": picture(5),
        "__MACOSX/e.png": picture(6),
        "Thumbs.db": b"junk",
        ".DS_Store": b"junk",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (root / "folder.png").mkdir()
    return root


class TestFilesAndFolders:
    def test_one_image(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(picture(0))
        (sample,) = read(tmp_path / "a.png")
        assert isinstance(sample, Sample)
        assert sample.image.origin == "a.png" and sample.image.shorter_side == 32
        assert len(sample.content) == 16 and int(sample.content, 16) >= 0

    def test_a_folder_is_walked_in_order_and_junk_is_skipped(self, folder: Path) -> None:
        items = read(folder)
        assert samples(items) == ["samples/a/c.PNG", "samples/b.png"]
        assert list(reasons(items)) == ["samples/a/broken.png"]
        assert "truncated" in reasons(items)["samples/a/broken.png"]

    def test_image_files(self, folder: Path) -> None:
        assert [path.relative_to(folder).as_posix() for path in image_files(folder)] == [
            "a/broken.png",
            "a/c.PNG",
            "b.png",
        ]
        assert image_files(folder / "notes.txt") == [folder / "notes.txt"]
        with pytest.raises(IntakeError, match="does not exist"):
            image_files(folder / "nowhere")

    def test_links_to_images_are_followed_and_loops_and_pipes_are_not(self, folder: Path) -> None:
        (folder / "z-link.png").symlink_to(folder / "b.png")
        (folder / "loop").symlink_to(folder, target_is_directory=True)
        (folder / "zero.png").symlink_to("/dev/zero")
        os.mkfifo(folder / "pipe.png")
        assert [path.name for path in image_files(folder)] == ["broken.png", "c.PNG", "b.png", "z-link.png"]

    def test_a_non_image_that_was_named_is_reported(self, folder: Path) -> None:
        assert "not an image" in reasons(read(folder / "notes.txt"))["notes.txt"]

    def test_a_folder_without_images_says_what_it_holds(self, tmp_path: Path) -> None:
        assert "it is empty" in refusal(tmp_path)
        for name in ("a.psd", "b.psd", "c.parquet"):
            (tmp_path / name).write_bytes(b"x")
        text = refusal(tmp_path)
        assert "holds no image that can be read: only 2 .psd, 1 .parquet. " in text and "PNG, JPEG" in text

    def test_what_is_not_looked_at_is_counted(self, folder: Path) -> None:
        for name in ("1.PSD", "2.psd", "3.svg", "LICENSE", "c\x1b[31m.odd\x1b"):
            (folder / name).write_bytes(b"x")
        (folder / "a/again").symlink_to(folder, target_is_directory=True)
        (folder / "a/gone.png").symlink_to(folder / "nowhere.png")
        os.mkfifo(folder / "pipe.png")
        for walked in (image_files, lambda root, passed: read(root, passed=passed)):
            passed: Passed = Counter()
            assert len(walked(folder, passed)) == 3  # type: ignore[operator]
            assert passed == {
                **{".psd": 2, ".svg": 1, ".txt": 1, ".mp4": 1, ".db": 1, ".odd\x1b": 1, "without a suffix": 1},
                **{"hidden": 2, "links to folders": 1, "dangling links": 1, "pipes or devices": 1},
            }

    def test_what_is_not_looked_at_in_words(self) -> None:
        assert listed(Counter({".jxl": 3, ".heic": 1_200})) == "1,200 .heic, 3 .jxl"
        assert listed(Counter({"links to folders": 1, "dangling links": 2})) == "2 dangling links, 1 link to a folder"
        assert listed(Counter({".a\x1b": 1})) == "1 .a?"
        assert listed(Counter({f".{i}": 100 - i for i in range(12)})).endswith("93 .7, 362 of other kinds")

    @pytest.mark.parametrize("name", ["a.jpe", "a.JPE", "a.apng", "a.jfif"])
    def test_rarer_suffixes_of_formats_that_are_read(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(picture(0))
        assert image_files(tmp_path) == [tmp_path / name]
        assert samples(read(zip_of(tmp_path / "x.zip", {name: picture(0)}))) == [f"x.zip/{name}"]

    def test_a_folder_that_cannot_be_listed(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def scandir(path: str) -> Iterator[Any]:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr(os, "scandir", scandir)
        assert "Permission denied" in refusal(folder)

    def test_a_file_that_cannot_be_opened(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def forbid(path: Path, mode: str) -> Any:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", forbid)
        assert "Permission denied" in reasons(read(folder / "b.png"))["b.png"]

    def test_sources_that_are_none(self, tmp_path: Path, folder: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert "No samples" in refusal()
        assert "neither a file nor a folder" in refusal(tmp_path / "pipe")
        for source in ("", "nothing here", "samples/typo.png", "a/b/c", tmp_path / "x", "x" * 5000, "a\x00b"):
            text = refusal(source)
            assert "does not exist" in text and ".zip" in text and len(text) < 400

    def test_a_missing_source_is_refused_before_any_is_read(self, folder: Path) -> None:
        with pytest.raises(IntakeError, match="does not exist"):
            read_samples([folder, folder / "nowhere"])

    @pytest.mark.parametrize("name", ["a.tar.gz", "a.7z", "a.rar"])
    def test_other_archives(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"data")
        assert "Give the images as .zip" in refusal(tmp_path / name)

    def test_names_fit_for_a_terminal(self, tmp_path: Path) -> None:
        (tmp_path / "a\x1b[31m\u202egnp.png").write_bytes(picture(0))
        (tmp_path / os.fsdecode(b"b\xff.png")).write_bytes(picture(1))
        assert all(name.isprintable() and name.encode() for name in samples(read(tmp_path)))


class TestContentAndDuplicates:
    def test_repeats_are_named_once_as_sample(self, tmp_path: Path) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        (tmp_path / "a.png").write_bytes(png_bytes(pixels))
        from PIL import Image as Pillow

        Pillow.fromarray(pixels).save(tmp_path / "b.bmp")
        assert read(tmp_path)[1] == Duplicate(f"{tmp_path.name}/b.bmp", f"{tmp_path.name}/a.png")

    def test_the_same_source_twice(self, folder: Path) -> None:
        first, second = read(folder / "b.png", folder / "b.png")
        assert isinstance(first, Sample) and second == Duplicate("b.png", "b.png")

    def test_same_bytes_of_another_shape_are_no_repeat(self, tmp_path: Path) -> None:
        flat = np.zeros((32, 64, 3), np.uint8)
        for name, pixels in (("a.png", flat), ("b.png", flat.reshape(64, 32, 3))):
            (tmp_path / name).write_bytes(png_bytes(pixels))
        assert all(isinstance(item, Sample) for item in read(tmp_path)) and len(read(tmp_path)) == 2

    def test_content_id_is_the_content(self, tmp_path: Path) -> None:
        path = parquet_of(tmp_path / "a.parquet", [picture(i) for i in range(4)], ["p1", "p1", None, ""])
        contents = [item.content for item in read(path) if isinstance(item, Sample)]
        assert contents[:2] == ["p1", "p1"]
        assert len(set(contents[2:])) == 2 and all(len(content) == 16 for content in contents[2:])

    def test_whole_numbers_as_content_id(self, tmp_path: Path) -> None:
        path = parquet_of(tmp_path / "a.parquet", [picture(0), picture(1)], [0, 7])
        assert [item.content for item in read(path) if isinstance(item, Sample)] == ["0", "7"]


class TestSelection:
    def test_limit_ends_after_that_many_samples(self, folder: Path) -> None:
        assert samples(read(folder, folder, limit=2)) == ["samples/a/c.PNG", "samples/b.png"]
        assert len(read(folder, limit=1)) == 2
        assert "must be 1 or more" in refusal(folder, limit=0)

    def test_sizes_that_are_not_covered(self, tmp_path: Path) -> None:
        (tmp_path / "big.png").write_bytes(picture(0, 64))
        (tmp_path / "small.png").write_bytes(picture(1, 32))
        items = read(tmp_path, covers=lambda side: side >= 64)
        assert samples(items) == [f"{tmp_path.name}/big.png"]
        assert "32 x 32" in reasons(items)[f"{tmp_path.name}/small.png"]

    def test_one_decoded_image_at_a_time(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        alive: list[weakref.ref[Image]] = []

        def decode(data: bytes, origin: str) -> Image:
            assert not any(reference() for reference in alive)
            image = from_pixels(np.full((32, 32, 3), len(alive), np.uint8), origin)
            alive.append(weakref.ref(image))
            return image

        monkeypatch.setattr(intake, "decode", decode)
        for item in read_samples([folder]):
            del item
        assert len(alive) == 3


class TestLimits:
    def test_count(self, folder: Path, tmp_path: Path) -> None:
        two = Limits(max_files=2)
        assert "holds 3 images; at most 2" in refusal(folder, limits=two)
        assert len(read(folder, limits=two, limit=1)) == 2
        archive = zip_of(tmp_path / "a.zip", {f"{i}.png": picture(i) for i in range(3)})
        assert "holds 3 images; at most 2" in refusal(archive, limits=two)
        table = parquet_of(tmp_path / "a.parquet", [picture(i) for i in range(3)])
        assert "holds 3 images; at most 2" in refusal(table, limits=two)

    def test_count_over_all_sources(self, folder: Path) -> None:
        assert "with the other sources 4" in refusal(folder / "b.png", folder, limits=Limits(max_files=3))
        text = refusal(folder / "b.png", folder / "b.png", limits=Limits(max_files=1))
        assert "image number 2; at most 1" in text

    def test_bytes_over_all_sources(self, tmp_path: Path) -> None:
        sources = [zip_of(tmp_path / f"{i}.zip", {"a.png": picture(i)}) for i in range(3)]
        size = len(picture(0))
        assert len(read(*sources, limits=Limits(max_total_bytes=4 * size))) == 3
        text = refusal(*sources, limits=Limits(max_total_bytes=2 * size))
        assert "2.zip/a.png" in text and f"at most {2 * size:,} bytes" in text

    def test_one_large_file(self, folder: Path) -> None:
        assert "at most 100 bytes" in reasons(read(folder / "b.png", limits=Limits(max_member_bytes=100)))["b.png"]


class TestZip:
    def test_members_in_sorted_order_among_junk(self, tmp_path: Path) -> None:
        members = {
            "set/": b"",
            "set/b.png": picture(0),
            "set/a.jpeg": picture(1)[:300],
            "./c.png": picture(2),
            "set/captions.json": b"{}",
            "__MACOSX/set/._b.png": b"junk",
            "set/.DS_Store": b"junk",
        }
        items = read(zip_of(tmp_path / "x.ZIP", members))
        assert samples(items) == ["x.ZIP/./c.png", "x.ZIP/set/b.png"]
        assert list(reasons(items)) == ["x.ZIP/set/a.jpeg"]

    def test_a_member_without_a_name(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "x.zip", {"nameless": b"", "b.png": picture(0)})
        path.write_bytes(path.read_bytes().replace(b"nameless", bytes(8)))
        assert samples(read(path)) == ["x.zip/b.png"]

    def test_nothing_is_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "work").mkdir()
        monkeypatch.chdir(tmp_path / "work")
        path = zip_of(tmp_path / "work/x.zip", {"../evil.png": picture(0), "good.png": picture(1)})
        read(path)
        assert sorted(p.name for p in tmp_path.rglob("*")) == ["work", "x.zip"]

    @pytest.mark.parametrize(
        "name",
        [
            *("../evil.png", "a/../../evil.png", "/etc/evil.png", "C:evil.png", "C:/evil.png", "../x.sh"),
            *("..\\evil.png", "a\\..\\../evil.png", "\\etc\\evil.png", "C:\\evil.png", "\\\\host\\evil.png"),
        ],
    )
    def test_names_that_lead_outside(self, tmp_path: Path, name: str) -> None:
        items = read(zip_of(tmp_path / "x.zip", {name: picture(0), "good.png": picture(1)}))
        assert samples(items) == ["x.zip/good.png"]
        assert "leads outside" in reasons(items)["x.zip/" + name.replace("\\", "/")]

    def test_a_zip_made_on_windows(self, tmp_path: Path) -> None:
        members = {"set\\": b"", "set\\b.png": picture(0), "set\\a.png": picture(1), "set\\.cache\\c.png": picture(2)}
        passed: Passed = Counter()
        items = read(zip_of(tmp_path / "x.zip", members), passed=passed)
        assert samples(items) == ["x.zip/set/a.png", "x.zip/set/b.png"] == [item.image.origin for item in items]  # type: ignore[union-attr]
        assert passed == {"hidden": 1}

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
    def test_links_and_special_files(self, tmp_path: Path, kind: int) -> None:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (kind | 0o777) << 16
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr(link, "/etc/passwd")
            archive.writestr("good.png", picture(0))
        items = read(tmp_path / "x.zip")
        assert samples(items) == ["x.zip/good.png"] and "link" in reasons(items)["x.zip/link.png"]

    def test_nested_archives(self, tmp_path: Path) -> None:
        inner = zip_of(tmp_path / "inner.zip", {"a.png": picture(0)}).read_bytes()
        items = read(zip_of(tmp_path / "x.zip", {"inner.zip": inner, "disguised.png": inner, "good.png": picture(1)}))
        assert samples(items) == ["x.zip/good.png"]
        assert "archive inside the archive" in reasons(items)["x.zip/inner.zip"]
        assert "zip archive" in reasons(items)["x.zip/disguised.png"]

    def test_encrypted(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "x.zip", {"a.png": picture(0)})
        data = bytearray(path.read_bytes())
        data[data.index(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(data)
        assert "encrypted" in refusal(path) and "without a password" in refusal(path)

    def test_a_huge_member_of_a_small_archive(self, tmp_path: Path) -> None:
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("bomb.png", "w") as member:
                for _ in range(300):
                    member.write(bytes(1_000_000))
            archive.writestr("good.png", picture(0))
        assert path.stat().st_size < 400_000
        tracemalloc.start()
        items = read(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert samples(items) == ["x.zip/good.png"]
        assert "more than 64 MB" in reasons(items)["x.zip/bomb.png"]
        assert peak < 160_000_000

    def test_refused_members_count_towards_the_total(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "x.zip", {f"{i}.png": bytes(3_000_000) for i in range(9)})
        assert "at most 5 MB" in refusal(path, limits=Limits(max_member_bytes=1_000, max_total_bytes=5_000_000))

    @pytest.mark.parametrize(("declared", "readable"), [(10, False), (0, False), (900_000_000, True)])
    def test_headers_that_lie_about_the_size(self, tmp_path: Path, declared: int, readable: bool) -> None:
        path = zip_of(tmp_path / "x.zip", {"a.png": picture(0), "b.png": picture(1)})
        data = bytearray(path.read_bytes())
        for start, offset in ((data.index(b"PK\x03\x04"), 22), (data.index(b"PK\x01\x02"), 24)):
            struct.pack_into("<I", data, start + offset, declared)
        path.write_bytes(data)
        items = read(path)
        assert len(items) == 2 and ("x.zip/a.png" in samples(items)) == readable
        assert "x.zip/b.png" in samples(items)

    def test_a_damaged_member_among_good_ones(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "x.zip", {f"{i}.png": picture(i) for i in range(3)})
        data = bytearray(path.read_bytes())
        middle = data.index(b"1.png") + 300
        data[middle : middle + 50] = bytes(50)
        path.write_bytes(data)
        items = read(path)
        assert samples(items) == ["x.zip/0.png", "x.zip/2.png"]
        assert "damaged in the archive" in reasons(items)["x.zip/1.png"]

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_methods_that_inflate_without_bound(self, tmp_path: Path, method: int) -> None:
        items = read(zip_of(tmp_path / "x.zip", {"a.png": picture(0)}, method))
        assert "deflate" in reasons(items)["x.zip/a.png"]

    def test_truncated(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "x.zip", {f"{i}.png": picture(i) for i in range(3)})
        path.write_bytes(path.read_bytes()[:-500])
        assert "begins as a zip archive" in refusal(path)

    def test_not_a_zip(self, tmp_path: Path) -> None:
        path = tmp_path / "x.zip"
        path.write_bytes(b"")
        assert "0 bytes" in refusal(path)
        path.write_bytes(picture(0))
        assert "not a zip archive" in refusal(path)

    def test_no_image_in_it(self, tmp_path: Path) -> None:
        assert "it is empty" in refusal(zip_of(tmp_path / "x.zip", {}))
        text = refusal(zip_of(tmp_path / "x.zip", {"a.txt": b"", "LICENSE": b"", "d/": b""}))
        assert "holds no image that can be read: only 1 .txt, 1 without a suffix. " in text

    def test_what_is_not_looked_at_is_counted(self, tmp_path: Path) -> None:
        members = {"a.png": picture(0), "a.txt": b"", "b.PSD": b"", "__MACOSX/._a.png": b"", ".b.png": b"", "d/": b""}
        passed: Passed = Counter()
        read(zip_of(tmp_path / "x.zip", members), passed=passed)
        assert passed == {".txt": 1, ".psd": 1, "hidden": 1}

    def test_a_list_of_members_without_end(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "x.zip", {f"{i:05}{'x' * 200}.txt": b"" for i in range(5_000)})
        assert "lists its members in" in refusal(path, limits=Limits(max_files=10))

    def test_no_damage_raises_anything_else(self, tmp_path: Path) -> None:
        whole = zip_of(tmp_path / "x.zip", {"a.png": picture(0, 16), "b.png": picture(1, 16)}).read_bytes()
        for seed in range(300):
            (tmp_path / "x.zip").write_bytes(damaged(whole, seed, whole.index(b"PK\x01\x02") if seed % 2 else 0))
            try:
                read(tmp_path / "x.zip")
            except IntakeError as error:
                assert str(error)


class TestParquet:
    def test_the_layout_of_image_data_sets(self, tmp_path: Path) -> None:
        items = read(parquet_of(tmp_path / "a.parquet", [picture(i) for i in range(9)], [f"p{i}" for i in range(9)]))
        assert samples(items) == [f"a.parquet row {i}" for i in range(9)]

    def test_plain_binary_and_another_column(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"img": [picture(0)]}), tmp_path / "a.parquet")
        assert len(samples(read(tmp_path / "a.parquet", column="img"))) == 1

    def test_a_missing_column_lists_those_found(self, tmp_path: Path) -> None:
        text = refusal(parquet_of(tmp_path / "a.parquet", [picture(0)], column="img"))
        assert "no column 'image'" in text and "img, generator" in text

    def test_a_column_of_something_else(self, tmp_path: Path) -> None:
        path = parquet_of(tmp_path / "a.parquet", [picture(0)])
        assert "holds string" in refusal(path, column="generator")
        pq.write_table(pa.table({"image": [{"path": "a.png"}]}), path)
        assert "holds struct" in refusal(path)
        pq.write_table(pa.table({"image": [[b"a"]]}), path)
        assert "holds list" in refusal(path)

    def test_rows_without_an_image_among_good_ones(self, tmp_path: Path) -> None:
        (tmp_path / "private.png").write_bytes(picture(5))
        there = {"bytes": None, "path": str(tmp_path / "private.png")}
        items = read(parquet_of(tmp_path / "a.parquet", [picture(0), None, there, b"", picture(1)[:100], picture(2)]))
        assert samples(items) == ["a.parquet row 0", "a.parquet row 5"]
        assert "no image" in reasons(items)["a.parquet row 1"]
        assert "Store the image's bytes" in reasons(items)["a.parquet row 2"]
        assert "empty" in reasons(items)["a.parquet row 3"]
        assert "truncated" in reasons(items)["a.parquet row 4"]

    def test_a_large_cell(self, tmp_path: Path) -> None:
        path = parquet_of(tmp_path / "a.parquet", [bytes(3_000_000), picture(0)])
        items = read(path, limits=Limits(max_member_bytes=2_000_000))
        assert samples(items) == ["a.parquet row 1"] and "at most 2 MB" in reasons(items)["a.parquet row 0"]

    def test_no_rows(self, tmp_path: Path) -> None:
        assert "no rows" in refusal(parquet_of(tmp_path / "a.parquet", []))

    def test_not_a_parquet_file(self, tmp_path: Path) -> None:
        path = parquet_of(tmp_path / "a.parquet", [picture(i) for i in range(20)])
        whole = path.read_bytes()
        for data in (b"", b"text", whole[:-100]):
            path.write_bytes(data)
            assert "cannot be read as a Parquet file" in refusal(path)
        path.write_bytes(whole[:50] + bytes(3000) + whole[3050:])
        assert "damaged" in refusal(path)

    def test_no_damage_raises_anything_else(self, tmp_path: Path) -> None:
        path = parquet_of(tmp_path / "x.parquet", [picture(0, 16), picture(1, 16)], ["a", "b"])
        whole = path.read_bytes()
        footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
        for seed in range(300):
            path.write_bytes(damaged(whole, seed, footer if seed % 2 else 0))
            try:
                read(path)
            except IntakeError as error:
                assert str(error)


class TestHub:
    @pytest.fixture
    def hub(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The data set owner/name: the real library's stream of a local file."""
        import datasets

        load = datasets.load_dataset
        path = parquet_of(tmp_path / "hub.parquet", [picture(i) for i in range(3)], ["a", "a", "b"])

        def load_dataset(name: str, **options: Any) -> Any:
            assert name == "owner/name"
            return load("parquet", data_files=str(path), cache_dir=str(tmp_path / "cache"), **options)

        monkeypatch.setattr(datasets, "load_dataset", load_dataset)
        return path

    def test_rows_are_streamed(self, hub: Path) -> None:
        items = read("owner/name")
        assert samples(items) == [f"owner/name train row {i}" for i in range(3)]
        assert [item.content for item in items if isinstance(item, Sample)] == ["a", "a", "b"]
        assert len(read("owner/name", limit=1)) == 1

    def test_a_data_set_never_names_a_file_here(
        self, hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "owner" / "name").mkdir(parents=True)
        (tmp_path / "owner" / "name" / "private.png").write_bytes(picture(9))
        monkeypatch.chdir(tmp_path)
        assert samples(list(read_samples(["owner/name"]))) == ["name/private.png"]
        found = samples(list(read_samples([DataSet("owner/name")])))
        assert found == [f"owner/name train row {i}" for i in range(3)]

    @pytest.mark.parametrize("name", ["", "name", "../name", "/etc/passwd", "owner/../name", "a/b/c", "owner/name\n"])
    def test_what_is_no_name_of_a_data_set_is_refused(self, name: str) -> None:
        with pytest.raises(IntakeError, match="Give owner/name"):
            DataSet(name)

    def test_broken_images_do_not_end_the_stream(self, hub: Path) -> None:
        import datasets

        cells = [{"bytes": picture(0)[:90], "path": None}, {"bytes": picture(1), "path": None}, None]
        features = datasets.Features({"image": datasets.Image(), "mask": datasets.Image()})
        table = pa.table({"image": cells, "mask": [{"bytes": b"broken", "path": None}] * 3}, features.arrow_schema)
        pq.write_table(table, hub)
        items = read("owner/name")
        assert samples(items) == ["owner/name train row 1"]
        assert list(reasons(items)) == ["owner/name train row 0", "owner/name train row 2"]

    def test_missing_column_or_split(self, hub: Path) -> None:
        assert "image, generator, content_id" in refusal("owner/name", column="photo")
        assert "holds string" in refusal("owner/name", column="generator")
        assert "Available splits: ['train']" in refusal("owner/name", split="test")

    def test_no_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import datasets

        features = datasets.Features({"image": datasets.Image()})
        nothing = datasets.IterableDataset.from_generator(lambda: iter(()), features=features)
        monkeypatch.setattr(datasets, "load_dataset", lambda *_, **__: nothing)
        assert "its split train has no rows" in refusal("owner/name")

    def test_files_beside_the_rows_are_fetched_from_this_data_set_alone(
        self, hub: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import io

        import datasets

        opened: list[str] = []

        def xopen(path: str, mode: str) -> Any:
            opened.append(path)
            if "gone" in path:
                raise FileNotFoundError(path)
            return io.BytesIO(picture(len(opened)))

        monkeypatch.setattr(datasets.utils.file_utils, "xopen", xopen)
        own = ["hf://datasets/owner/name@0a1/a.png", "zip://a.png::hf://datasets/owner/name@0a1/a.zip"]
        foreign = [
            "/etc/passwd",
            "http://169.254.169.254/",
            "hf://datasets/owner/name2@0a1/a.png",
            "hf://datasets/owner/name@0a1/../../a.png",
            "file:///etc/passwd::hf://datasets/owner/name@0a1/a.zip",
            "zip://a::file:///etc/x.zip::hf://datasets/owner/name@0a1/a.zip",
        ]
        gone = "hf://datasets/owner/name@0a1/gone.png"
        parquet_of(hub, [{"bytes": None, "path": path} for path in [*own, *foreign, gone]])
        items = read("owner/name")
        assert opened == [*own, gone]
        assert len(samples(items)) == 2 and len(reasons(items)) == 7
        assert "cannot be fetched" in reasons(items)["owner/name train row 8"]

    def test_unknown_gated_or_unreachable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import datasets
        import datasets.load

        for error in (
            datasets.exceptions.DatasetNotFoundError("Dataset 'owner/name' is a gated dataset on the Hub."),
            ConnectionError("Couldn't reach 'owner/name' on the Hub"),
            datasets.load.httpx.ConnectError("no route"),
            RuntimeError("Dataset scripts are no longer supported"),
            ValueError("Config name is missing."),
        ):

            def load_dataset(*_: Any, error: Exception = error, **__: Any) -> Any:
                raise error

            monkeypatch.setattr(datasets, "load_dataset", load_dataset)
            text = refusal("owner/name")
            assert str(error).rstrip(".") in text and "no file or folder here" in text

    def test_offline(self) -> None:
        """The real library without a network, in a process of its own: it reads its settings when imported."""
        code = "from registry.intake.samples import read_samples\nnext(read_samples(['owner/name']))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "IntakeError: owner/name is no file or folder here" in done.stderr
        assert "Check its name, its split and the connection" in done.stderr

    def test_what_is_never_looked_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def load_dataset(*_: Any, **__: Any) -> Any:
            pytest.fail("the Hub was asked")

        import datasets

        monkeypatch.setattr(datasets, "load_dataset", load_dataset)
        sources: list[str | Path] = [
            Path("owner/name"),
            "owner/a.png",
            "owner/a.zip",
            "../name",
            "/owner/name",
            "o/n/m",
        ]
        for source in sources:
            assert "does not exist" in refusal(source)

    def test_a_folder_of_that_name_wins(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "owner/name").mkdir(parents=True)
        (tmp_path / "owner/name/a.png").write_bytes(picture(0))
        monkeypatch.chdir(tmp_path)
        assert samples(read("owner/name")) == ["name/a.png"]


def test_intake_itself_is_light() -> None:
    code = (
        "import sys, registry.intake.samples; sys.exit(any(m in sys.modules for m in ('datasets', 'pyarrow', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
