"""Training publishes a generator whose card is true, and goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tiny_zoo import write_faces
from zoo.__main__ import main
from zoo.designs.cards import card, names
from zoo.designs.catalogue import ZOO, design_of
from zoo.networks import gan
from zoo.networks.kinds import recipe_of
from zoo.networks.sampling import load, sample
from zoo.training.faces import Faces, read_faces
from zoo.training.loop import Plan, save, train

GAN = "gan-shuffle-hinge-batch-leaky-skip"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_faces(folder, 60)
    return folder


@pytest.fixture(scope="module")
def faces(data: Path) -> Faces:
    return read_faces(data)


def plan(data: Path, tmp_path: Path, name: str = "out", steps: int = 3) -> Plan:
    (tmp_path / "work").mkdir(exist_ok=True)
    return Plan(data, tmp_path / "work", tmp_path / name, steps)


def silent(line: str) -> None:
    pass


@pytest.mark.parametrize(
    "name", [GAN, "gan-transposed-wgangp-instance-silu-skip", "vae-nearest-beta4", "diffusion-velocity", "flow-affine"]
)
def test_each_kind_trains_and_its_card_is_true(name: str, data: Path, faces: Faces, tmp_path: Path) -> None:
    train(design_of(name), faces, plan(data, tmp_path), silent)
    out = tmp_path / "out"
    assert names(out) == [name] and list((tmp_path / "work").iterdir()) == []
    known = card(name, out)
    assert (known.kind, known.steps, known.seed) == (design_of(name).kind, 3, 1)
    assert known.design == design_of(name).in_words()
    assert known.distance > 0 and known.floor > 0 and known.training_faces == len(faces.training)
    stored = (out / f"{name}.safetensors").read_bytes()
    assert known.weights_digest == hashlib.sha256(stored).hexdigest() and len(stored) < 2_000_000
    images = np.stack(list(sample(name, 64, seed=0, folder=out)))
    assert known.samples_digest == hashlib.sha256(images.tobytes()).hexdigest()


@pytest.mark.parametrize("name", [GAN, "diffusion-velocity"])
def test_an_interrupted_training_ends_with_the_same_weights(
    name: str, data: Path, faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = design_of(name)
    train(design, faces, plan(data, tmp_path, "straight"), silent)

    monkeypatch.setattr("zoo.training.loop.CHECKPOINT_SECONDS", -1.0)
    told: list[str] = []
    kind = type(recipe_of(design))
    real_step = kind.step

    def interrupted(self, real, rng, step):
        if step == 2:
            raise KeyboardInterrupt
        return real_step(self, real, rng, step)

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(kind, "step", interrupted)
        train(design, faces, plan(data, tmp_path, "resumed"), silent)
    assert names(tmp_path / "resumed") == []
    train(design, faces, plan(data, tmp_path, "resumed"), told.append)
    assert "goes on from step 2 of 3" in told[0]
    assert card(name, tmp_path / "resumed") == card(name, tmp_path / "straight")


@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: b"text"])
def test_a_checkpoint_that_does_not_fit_is_refused(damage, data: Path, faces: Faces, tmp_path: Path) -> None:
    here = plan(data, tmp_path)
    checkpoint = here.work / f"{GAN}.checkpoint"
    save(recipe_of(design_of(GAN)), checkpoint, 5)
    with pytest.raises(ValueError, match="has done 5 steps, more than 3; delete it to begin anew"):
        train(design_of(GAN), faces, here, silent)
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))
    with pytest.raises(ValueError, match="is damaged or of another version; delete it to begin anew"):
        train(design_of(GAN), faces, here, silent)


def test_a_training_that_diverges_is_not_published(
    data: Path, faces: Faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.training.loop.TOLD_STEPS", 1)
    monkeypatch.setattr(gan, "generator_loss", lambda slug, fake: fake.mean() * torch.nan)
    with pytest.raises(ValueError, match="diverged before step 1"):
        train(design_of(GAN), faces, plan(data, tmp_path), silent)
    assert names(tmp_path / "out") == []


def test_the_command_trains_side_by_side_and_only_what_is_missing(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = [GAN, "vae-nearest-beta1"]
    command = ["train", "--data", str(data), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
    command += ["--steps", "2", "--names", *chosen]
    assert main(command) == 0
    assert names(tmp_path / "out") == sorted(chosen)
    assert "0 of 2 generators are trained, 2 are left" in capfd.readouterr().err
    stamps = [path.stat().st_mtime_ns for path in sorted((tmp_path / "out").iterdir())]
    assert main(command) == 0
    assert "2 of 2 generators are trained, 0 are left" in capfd.readouterr().err
    assert stamps == [path.stat().st_mtime_ns for path in sorted((tmp_path / "out").iterdir())]


def test_wrong_usage_is_a_sentence(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
    assert main(["train", "--names", "nobody", "--data", str(data), *work]) == 1
    assert "No generator of the zoo is called nobody" in capsys.readouterr().err
    assert main(["train", "--all", "--data", str(tmp_path), *work]) == 1
    assert "--data takes the folder that holds celeba64/real.parquet" in capsys.readouterr().err
    for wrong in (["train", "--all"], ["sample", GAN, str(tmp_path), "-n", "-3"], ["train", "--all", "--workers", "0"]):
        with pytest.raises(SystemExit) as left:
            main(wrong)
        assert left.value.code == 2


def test_weights_that_are_not_the_cards_are_refused(data: Path, faces: Faces, tmp_path: Path) -> None:
    train(design_of(GAN), faces, plan(data, tmp_path, steps=1), silent)
    path = tmp_path / "out" / f"{GAN}.safetensors"
    path.write_bytes(path.read_bytes()[:-8] + bytes(8))
    with pytest.raises(ValueError, match=r"is not the file its card describes; restore it, or train"):
        load(GAN, tmp_path / "out")


def test_names_come_from_cards_that_have_weights(tmp_path: Path) -> None:
    (tmp_path / "alone.json").write_text(json.dumps({}))
    assert names(tmp_path) == []
    assert set(names()) <= {design.name for design in ZOO}
