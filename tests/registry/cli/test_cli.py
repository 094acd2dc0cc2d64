"""The command line, as people and other programs call it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest

from fingerprints.images.image import jpeg_bytes, png_bytes
from registry.__main__ import main
from registry.storage.store import BUILTIN, Store
from small import COLLECTION, DECODERS, NEWCOMER, REALS, Small, write_images

ROOT = Path(__file__).parents[3]


@pytest.fixture
def call(small_store: Store, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command in this process against a copy of the small registry: (exit code, stdout, stderr)."""

    def run(command: str, *arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([command, *map(str, arguments), "--registry", str(small_store.folder)])
        except SystemExit as error:
            code = int(error.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def in_process(folder: Path, arguments: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """The same as a program of its own."""
    command = [sys.executable, "-m", "registry", *map(str, arguments), "--registry", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def mixed(small: Small, tmp_path: Path) -> Path:
    """A folder of readable images in subfolders, broken ones, and other files."""
    folder = tmp_path / "mixed"
    write_images(folder / "b", small.pixels.held_out["nearest"][:2])
    (folder / "a.png").write_bytes(png_bytes(small.pixels.held_out["transposed"][0]))
    (folder / "b" / "broken.png").write_bytes(png_bytes(small.pixels.reals[0])[:300])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "notes.txt").write_text("not an image, met while walking")
    (folder / "large.png").write_bytes(png_bytes(np.zeros((200, 200, 3), np.uint8)))
    return folder


# identify


def test_identify_answers_every_readable_file_and_names_the_broken_ones(call, mixed: Path, small: Small) -> None:
    named = mixed / "notes.txt"
    code, out, err = call("identify", mixed, named, small.held_out["bicubic"] / "000.png", mixed / "gone.png", "--json")
    answers = lines(out)
    assert code == 1
    assert [Path(str(answer["path"])).relative_to(mixed.parent).as_posix() for answer in answers[:7]] == [
        "mixed/a.png",
        "mixed/b/000.png",
        "mixed/b/001.png",
        "mixed/b/broken.png",
        "mixed/empty.jpg",
        "mixed/large.png",
        "mixed/notes.txt",
    ]
    failed = [set(answer) == {"schema", "path", "error"} for answer in answers]
    assert failed == [False, False, False, True, True, True, True, False, True]
    assert all(str(answer["path"]) in str(answer["error"]) for answer in answers if "error" in answer)
    assert all(answer["collection"] == COLLECTION for answer in answers if "error" not in answer)
    for text in ("broken.png", "empty.jpg is empty", "No collection covers", "notes.txt is not", "gone.png cannot"):
        assert text in err
    assert "Traceback" not in err


def test_identify_names_what_was_not_looked_at(call, mixed: Path, small: Small) -> None:
    for name in ("1.PSD", "2.psd", "3.svg", ".hidden.png"):
        (mixed / name).write_bytes(b"x")
    (mixed / "link").symlink_to(small.reals, target_is_directory=True)
    (mixed / "gone.jpg").symlink_to(mixed / "nowhere.jpg")
    _, out, err = call("identify", mixed, small.held_out["nearest"] / "000.png", "--json")
    assert len(lines(out)) == 7
    assert err.splitlines()[-1] == (
        "not looked at: 2 .psd, 1 .svg, 1 .txt, 1 dangling link, 1 hidden, 1 link to a folder"
    )
    assert "not looked at" not in call("identify", small.held_out["nearest"], "--json")[2]


def test_identify_says_that_a_folder_holds_no_image(call, small: Small, tmp_path: Path) -> None:
    (tmp_path / "phone").mkdir()
    (tmp_path / "empty").mkdir()
    for name in ("IMG_0001.PSD", "2.svg"):
        (tmp_path / "phone" / name).write_bytes(b"x")
    for folder, found in (("phone", "only 1 .psd, 1 .svg"), ("empty", "it is empty")):
        code, out, err = call("identify", tmp_path / folder, small.held_out["nearest"] / "000.png", "--json")
        failed, answer = lines(out)
        assert code == 1 and set(failed) == {"schema", "path", "error"} and "error" not in answer
        assert failed["path"] == str(tmp_path / folder) and f"holds no image that can be read: {found}." in err
        assert call("identify", tmp_path / folder)[:2] == (1, "")


def test_identify_takes_rarer_suffixes(call, small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "rare"
    folder.mkdir()
    (folder / "photo.jpe").write_bytes(jpeg_bytes(small.pixels.reals[0], 95))
    (folder / "moving.apng").write_bytes(png_bytes(small.pixels.reals[0]))
    code, out, _ = call("identify", folder, "--json")
    assert code == 0 and len(lines(out)) == 2


def test_identify_in_sentences(call, small: Small) -> None:
    path = small.held_out["transposed"] / "000.png"
    code, out, _ = call("identify", path)
    assert code == 0 and out.startswith(f"{path}: Probably Transposed. Of 100 such answers") and out.count("\n") == 1


def test_identify_tells_what_the_file_claims_beside_the_answer(call, small: Small, tmp_path: Path) -> None:
    plain, path = small.pixels.held_out["transposed"][0], tmp_path / "x.png"
    text = PIL.PngImagePlugin.PngInfo()
    text.add_text("parameters", "a cat\nSteps: 20, Model: dream_8")
    PIL.Image.fromarray(plain).save(path, pnginfo=text)
    says = "Generated by Stable Diffusion web UI or alike with dream_8."
    code, out, _ = call("identify", path)
    assert code == 0 and out.endswith(f"The file itself claims, not signed: {says}\n") and out.count("\n") == 1
    (answer,) = lines(call("identify", path, "--json")[1])
    assert answer["claims"] == [
        {
            "source": "Text in the file (parameters)",
            "signed": "not signed",
            "says": says,
            "detail": "a cat Steps: 20, Model: dream_8",
        }
    ]
    path.write_bytes(png_bytes(plain))
    (other,) = lines(call("identify", path, "--json")[1])
    assert other == {**answer, "claims": []} and "The file itself" not in call("identify", path)[1]


@pytest.mark.waits
def test_identify_as_a_program_gives_the_same_answer(call, small: Small, small_store: Store) -> None:
    paths = sorted(small.held_out["nearest"].iterdir())[:2]
    ran = in_process(small_store.folder, ["identify", *paths, "--json"])
    assert ran.returncode == 0, ran.stderr
    assert lines(ran.stdout) == lines(call("identify", *paths, "--json")[1])


@pytest.mark.waits
def test_identify_takes_names_that_are_no_text(small: Small, small_store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in (b"\xff.png", "ä ö.png".encode(), b"z.png"):
        try:
            (folder / os.fsdecode(name)).write_bytes(png_bytes(small.pixels.held_out["nearest"][0]))
        except OSError:
            pytest.skip("this file system takes no such names")
    for arguments in ([], ["--json"]):
        ran = in_process(small_store.folder, ["identify", folder, *arguments])
        assert ran.returncode == 0 and ran.stdout.count("\n") == 3, ran.stderr
    assert [Path(str(answer["path"])).name for answer in lines(ran.stdout)] == ["z.png", "ä ö.png", "\udcff.png"]


def test_identify_refuses_an_unknown_collection_at_once(call, small: Small) -> None:
    code, out, err = call("identify", small.reals, "--collection", "large")
    assert code == 1 and out == "" and "there is no collection 'large'; there are small" in err
    assert call("identify", small.reals / "000.png", "--collection", COLLECTION)[0] == 0


def test_the_same_picture_in_another_file_gets_the_same_answer(call, small: Small, tmp_path: Path) -> None:
    pixels = small.pixels.held_out["bicubic"][1]
    for name, options in (("x.png", {}), ("x.bmp", {}), ("x.tif", {}), ("x.webp", {"lossless": True})):
        PIL.Image.fromarray(pixels).save(tmp_path / name, **options)
    paths = [tmp_path / name for name in ("x.png", "x.bmp", "x.tif", "x.webp")]
    answers = lines(call("identify", *paths, "--json")[1])
    assert len(answers) == 4
    assert all({**answer, "path": ""} == {**answers[0], "path": ""} for answer in answers)


# list, show, verify


def test_list_show_verify(call, small_store: Store) -> None:
    code, out, err = call("list", "--json")
    assert code == 0 and [line["name"] for line in lines(out)] == sorted(DECODERS)
    assert all(list(line) == ["collection", "name", "family", "samples", "contents"] for line in lines(out))
    assert call("list")[1].count("\n") == 3
    code, out, err = call("show", "nearest", "--collection", COLLECTION)
    assert code == 0 and json.loads(out)["decoder"] == "nearest decoder"
    code, out, err = call("show", "farthest", "--collection", COLLECTION)
    assert code == 1 and "has no generator 'farthest'; it has bicubic, nearest, transposed" in err
    code, out, err = call("verify")
    assert (code, out) == (0, "") and "everything is whole" in err
    card = small_store.snapshot().path / COLLECTION / "generators" / "nearest" / "card.json"
    card.write_bytes(card.read_bytes() + b" ")
    code, out, err = call("verify")
    assert code == 1 and "card.json does not have the listed digest" in out and "1 problem" in err


@pytest.mark.waits
def test_list_imports_nothing_heavy(small_store: Store) -> None:
    heavy = ("torch", "sklearn", "gradio", "pandas", "pyarrow", "datasets", "huggingface_hub")
    program = (
        "import sys; from registry.__main__ import main; code = main(['list', '--registry', sys.argv[1]]); "
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, str(small_store.folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0 and ran.stderr.splitlines()[-1] == "[]", ran.stderr


# add, remove


def test_add_then_identify_then_remove(call, small: Small, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"title": "Shuffle", "family": "toy", "licence": "CC0"}))
    code, out, err = call("add", NEWCOMER, small.samples[NEWCOMER], "--collection", COLLECTION, "--card", card)
    assert code == 0 and out == "" and "shuffle is in small now, from 98 samples" in err
    shown = json.loads(call("show", NEWCOMER, "--collection", COLLECTION)[1])
    assert (shown["title"], shown["family"], shown["samples"]) == ("Shuffle", "toy", 98)
    answers = lines(call("identify", small.held_out[NEWCOMER], "--json")[1])
    assert np.mean([answer["generator"] == NEWCOMER for answer in answers]) >= 0.8
    code, out, err = call("add", NEWCOMER, small.samples[NEWCOMER], "--collection", COLLECTION)
    assert code == 1 and "already has a generator 'shuffle'" in err
    code, out, err = call("remove", NEWCOMER, "--collection", COLLECTION)
    assert code == 0 and "no longer in small" in err
    assert call("remove", NEWCOMER, "--collection", COLLECTION)[0] == 1
    assert call("verify")[0] == 0


def test_add_takes_a_zip_and_a_limit_and_reports_what_it_could_not_use(call, small: Small, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small.samples[NEWCOMER], tmp_path / "samples"))
    (folder / "0-broken.png").write_bytes(b"no image")
    (folder / "1.psd").write_bytes(b"x")
    archive = shutil.make_archive(str(tmp_path / "samples"), "zip", folder)
    code, _, err = call("add", NEWCOMER, archive, "--collection", COLLECTION, "--limit", "12")
    assert code == 1 and "not used: samples.zip/0-broken.png" in err and "from 12 samples" in err
    assert "rests on 12 different prompts" in err and "not looked at: 1 .psd\n" in err


@pytest.mark.parametrize(
    ("name", "text"), [("Bad Name", "cannot be a name"), ("real", "reserved"), ("nearest", "already has")]
)
def test_add_refuses_bad_names_before_it_reads(call, small: Small, small_store: Store, name: str, text: str) -> None:
    before = small_store.revision
    code, _, err = call("add", name, small.samples[NEWCOMER], "--collection", COLLECTION)
    assert code == 1 and text in err and small_store.revision == before


def test_add_refuses_what_it_cannot_use(call, small: Small, small_store: Store, tmp_path: Path) -> None:
    before = small_store.revision
    few = write_images(tmp_path / "few", small.pixels.reals[:2])
    code, _, err = call("add", "few", few, "--collection", COLLECTION)
    assert code == 1 and "at least 5 different images, 2 were usable" in err
    code, _, err = call("add", "gone", tmp_path / "gone", "--collection", COLLECTION)
    assert code == 1 and "does not exist" in err
    code, _, err = call("add", "lost", small.samples[NEWCOMER], "--collection", "large")
    assert code == 1 and "there is no collection 'large'" in err
    for content, text in ((None, "cannot be read"), ("{", "cannot be read as JSON"), ("[]", "must hold a JSON object")):
        card = tmp_path / "card.json"
        if content is not None:
            card.write_text(content)
        code, _, err = call("add", "carded", small.samples[NEWCOMER], "--collection", COLLECTION, "--card", card)
        assert code == 1 and text in err, err
    assert small_store.revision == before


# create, rebuild


@pytest.fixture
def some(small: Small, tmp_path: Path) -> list[str]:
    """Arguments of a small build: 63 photos, three generators of 28 images."""
    reals = write_images(tmp_path / "reals", small.pixels.reals[:: REALS // 9])
    made = {name: write_images(tmp_path / name, small.pixels.training[name][::4]) for name in DECODERS}
    return ["--real", f"{reals}", *(part for name in made for part in ("--generator", f"{name}={made[name]}"))]


def test_create_then_rebuild(call, small: Small, small_store: Store, some: list[str], tmp_path: Path) -> None:
    cards = tmp_path / "cards.json"
    cards.write_text(json.dumps({"nearest": {"title": "Nearest neighbour"}}))
    (tmp_path / "nearest" / "broken.png").write_bytes(b"no image")
    (tmp_path / "nearest" / "1.psd").write_bytes(b"x")
    code, out, err = call("create", "mine", "--preset", COLLECTION, "--cards", cards, *some)
    assert "not used: 1 images; the first: nearest/broken.png is not" in err and "not looked at: 1 .psd\n" in err
    assert code == 0 and out == "" and "photos: " in err and "nearest: " in err, err
    assert list(small_store.snapshot().collections) == ["mine", COLLECTION]
    assert call("verify")[0] == 0
    code, out, err = call("create", "mine", "--preset", COLLECTION, *some)
    assert code == 1 and "there is a collection 'mine' already" in err
    assert call("add", NEWCOMER, small.samples[NEWCOMER], "--collection", "mine")[0] == 0
    before = small_store.revision
    code, out, err = call("rebuild", "mine", "--preset", COLLECTION, *some)
    assert code == 1 and "no samples were given for shuffle" in err and small_store.revision == before
    code, out, err = call("rebuild", "mine", "--preset", COLLECTION, *some, "--drop")
    assert code == 0 and small_store.revision != before
    collection = small_store.snapshot().collection("mine")
    assert collection.names == sorted(DECODERS)
    assert collection.card("nearest").title == "Nearest neighbour", "a rebuild keeps what the cards say"
    assert call("verify")[0] == 0


def test_create_refuses_what_it_cannot_build(
    call, small: Small, small_store: Store, some: list[str], tmp_path: Path
) -> None:
    before = small_store.revision
    code, _, err = call("create", "mine", *some)
    assert code == 1 and "there is no preset 'mine'" in err and "faces-64" in err
    code, _, err = call("create", "Not A Name", "--preset", COLLECTION, *some)
    assert code == 1 and "cannot be a name" in err
    code, _, err = call("rebuild", "mine", "--preset", COLLECTION, *some)
    assert code == 1 and "no collection 'mine' to rebuild" in err
    code, _, err = call("create", "mine", "--preset", COLLECTION, "--real", "x", "--generator", "nothing")
    assert code == 1 and "--generator takes NAME=SAMPLES" in err
    large = write_images(tmp_path / "large", [np.zeros((200, 200, 3), np.uint8)])
    code, _, err = call("create", "mine", "--preset", COLLECTION, "--real", large, *some[2:])
    assert code == 1 and "40 different photos or more" in err and "0 were found" in err
    two = write_images(tmp_path / "two", small.pixels.training["nearest"][:2])
    code, _, err = call("create", "mine", "--preset", COLLECTION, *some, "--generator", f"two={two}")
    assert code == 1 and "two: 5 images or more are needed; 2 were found" in err
    assert small_store.revision == before


@pytest.mark.parametrize("count", [1, 2])
def test_a_collection_of_few_generators_can_be_created(call, small: Small, some: list[str], count: int) -> None:
    """With fewer than three there are no strangers to learn "unknown" from."""
    code, _, err = call("create", "mine", "--preset", COLLECTION, *some[: 2 + 2 * count])
    assert code == 0, err
    answers = lines(call("identify", small.held_out["bicubic"] / "000.png", "--collection", "mine", "--json")[1])
    assert answers[0]["collection"] == "mine"


# Ctrl-C


def test_ctrl_c_is_no_error_of_the_program(call, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "snapshot", interrupt)
    for command in (["list"], ["verify"], ["identify", small.reals], ["show", "nearest", "--collection", COLLECTION]):
        code, out, err = call(*command)
        assert (code, out, err.splitlines()[-1]) == (130, "", "stopped")


def interrupted(folder: Path, arguments: Sequence[str | Path], begun: str) -> tuple[int, str]:
    """Ctrl-C, to all processes as a terminal sends it, once the program has said ``begun``: (exit code, the rest)."""
    command = [sys.executable, "-m", "registry", *map(str, arguments), "--registry", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as program:
        assert program.stdout is not None
        while begun not in (line := program.stdout.readline()):
            assert line, "it ended before it began"
        os.killpg(program.pid, signal.SIGINT)
        return program.wait(60), program.stdout.read()


@pytest.mark.waits
def test_ctrl_c_ends_identify_without_a_traceback(small: Small, small_store: Store) -> None:
    code, said = interrupted(small_store.folder, ["identify", *[small.reals] * 20, "--json"], '"schema"')
    assert code == 130 and [line for line in said.splitlines() if not line.startswith("{")] == ["stopped"]


@pytest.mark.waits
def test_ctrl_c_ends_create_and_its_processes_without_a_traceback(small_store: Store, some: list[str]) -> None:
    before = small_store.revision
    code, said = interrupted(small_store.folder, ["create", "mine", "--preset", "faces-64", *some], "photos: ")
    told = said.splitlines()  # one more line may have come before it stopped
    assert code == 130 and told[-1] == "stopped" and "Traceback" not in said and small_store.revision == before


# Usage, and the folder


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("identify",),
        ("identify", "--colour", "x.png"),
        ("show", "nearest"),
        ("add", "name", "--collection", "small"),
        ("add", "name", "x.png"),
        ("add", "name", "x.png", "--collection", "small", "--limit", "many"),
        ("create", "mine"),
        ("create", "mine", "--real", "x", "--generator", "a=b", "--drop"),
    ],
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    assert caught.value.code == 2 and "usage:" in capsys.readouterr().err


def test_help_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0 and "identify" in capsys.readouterr().out


def test_the_embedded_registry_has_at_most_60_megabytes() -> None:
    assert sum(path.stat().st_size for path in BUILTIN.rglob("*") if path.is_file()) <= 60_000_000


@pytest.mark.waits
def test_a_new_folder_starts_with_the_embedded_registry(tmp_path: Path) -> None:
    ran = in_process(tmp_path / "mine", ["list", "--json"])
    assert ran.returncode == 0 and ran.stderr == ""
    assert len(lines(ran.stdout)) == 18 + 23 + 40
    assert (tmp_path / "mine" / "seed").exists() and BUILTIN.exists()
    shutil.rmtree(tmp_path / "mine")


@pytest.mark.waits
def test_a_folder_that_cannot_be_a_registry_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = in_process(tmp_path / "file", ["list"])
    assert ran.returncode == 1 and "cannot be used as a registry" in ran.stderr and "Traceback" not in ran.stderr


def test_a_lossy_picture_is_answered_with_its_warning(call, small: Small, tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(jpeg_bytes(small.pixels.held_out["transposed"][0], 85))
    code, out, _ = call("identify", path, "--json")
    assert code == 0 and "traces of JPEG" in str(lines(out)[0]["warnings"])
