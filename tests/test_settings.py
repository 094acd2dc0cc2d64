"""What the owner sets by environment variables, and what it changes."""

from __future__ import annotations

import json

import pytest

from fingerprints.attribution.verdict import STRICTNESS as STEPS_OF_VERDICTS
from registry.__main__ import main
from registry.settings import STEPS, STRICTNESS, SettingError, strictness
from registry.store import Store
from small import COLLECTION, Small


def test_the_steps_are_those_of_verdicts() -> None:
    assert STEPS == STEPS_OF_VERDICTS


@pytest.mark.parametrize(("value", "step"), [(None, None), ("", None), *((step, step) for step in STEPS)])
def test_a_step_that_is_known_is_taken(value: str | None, step: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STRICTNESS, raising=False)
    if value is not None:
        monkeypatch.setenv(STRICTNESS, value)
    assert strictness() == step


@pytest.mark.parametrize("value", ["harsh", "Strict", " lax"])
def test_any_other_is_refused_with_a_sentence(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STRICTNESS, value)
    with pytest.raises(SettingError, match=r"^\$FINGERPRINT_STRICTNESS is .*; it may be strict, standard, lax\.$"):
        strictness()


def test_the_owner_decides_before_the_collection(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STRICTNESS, raising=False)
    collection = small_store.snapshot().collection(COLLECTION)
    assert collection.strictness == "standard" and collection.bars == collection.calibration.bars["standard"]
    collection.facts["strictness"] = "lax"
    assert collection.strictness == "lax"
    monkeypatch.setenv(STRICTNESS, "strict")
    assert collection.strictness == "strict" and collection.bars == collection.calibration.bars["strict"]


def test_an_answer_tells_how_strict_it_was(
    small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    image = str(sorted(small.held_out["nearest"].iterdir())[0])
    for step in STEPS:
        monkeypatch.setenv(STRICTNESS, step)
        assert main(["identify", image, "--json", "--registry", str(small.folder)]) == 0
        assert json.loads(capsys.readouterr().out)["strictness"] == step
    monkeypatch.setenv(STRICTNESS, "harsh")
    assert main(["identify", image, "--json", "--registry", str(small.folder)]) == 1
    assert "$FINGERPRINT_STRICTNESS is 'harsh'" in capsys.readouterr().err
