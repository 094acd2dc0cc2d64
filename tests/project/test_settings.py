"""What the owner sets by environment variables, and what it changes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from fingerprints.attribution.verdict import STRICTNESS as STEPS_OF_VERDICTS
from fingerprints.settings import OWNER_TOKEN, PROXIES, STEPS, STRICTNESS, SettingError, Settings
from registry.__main__ import main
from registry.storage.store import Store
from small import COLLECTION, Small

ROOT = Path(__file__).parents[2]


def test_the_steps_are_those_of_verdicts() -> None:
    assert STEPS == STEPS_OF_VERDICTS


@pytest.mark.parametrize(("value", "step"), [(None, None), ("", None), *((step, step) for step in STEPS)])
def test_a_step_that_is_known_is_taken(value: str | None, step: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STRICTNESS, raising=False)
    if value is not None:
        monkeypatch.setenv(STRICTNESS, value)
    assert Settings.read().step == step


@pytest.mark.parametrize("value", ["harsh", "Strict", " lax"])
def test_any_other_is_refused_with_a_sentence(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STRICTNESS, value)
    with pytest.raises(SettingError, match=r"^\$FINGERPRINT_STRICTNESS is .*; it may be strict, standard, lax\.$"):
        _ = Settings.read().step


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


def test_each_variable_is_read_once_and_only_here() -> None:
    """Only the environment of a child process, and what Gradio and torch are told, are the business of others."""
    variables = [one.metadata["variable"] for one in fields(Settings)]
    assert len(set(variables)) == len(variables)
    settings = Settings.read({variable: f"of {variable}" for variable in variables})
    assert [getattr(settings, one.name) for one in fields(Settings)] == [f"of {variable}" for variable in variables]
    others = {
        "registry/intake/sandbox.py",
        "registry/building/embed_samples.py",
        "demo/shell.py",
        "fingerprints/settings.py",
        "fingerprints/process.py",
    }
    shipped = [path for name in ("fingerprints", "registry", "demo", "zoo") for path in (ROOT / name).rglob("*.py")]
    readers = {path for path in [*shipped, ROOT / "app.py"] if re.search(r"os\.(environ|getenv)", path.read_text())}
    assert {path.relative_to(ROOT).as_posix() for path in readers} <= others


def test_an_empty_environment_is_a_program_at_home() -> None:
    settings = Settings.read({})
    settings.check()
    assert settings == Settings() and settings.policy == "direct" and settings.step is None
    assert not settings.has_owner and not settings.takes_data_sets and not settings.on_a_space
    assert settings.trusted_proxies == 0 and settings.folder.name == "registry"


def test_a_space_stands_behind_one_proxy_unless_it_is_said() -> None:
    assert Settings(space="owner/space").trusted_proxies == 1
    assert Settings(space="owner/space", proxies="0").trusted_proxies == 0
    assert Settings(proxies="2").trusted_proxies == 2
    with pytest.raises(SettingError, match=rf"^\${PROXIES} is 'two'; it may be a whole number\.$"):
        Settings(proxies="two").check()


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings.read({OWNER_TOKEN: "s3cret", "FINGERPRINT_CONTRIBUTION_TOKEN": "s3same"}))
    assert "s3cret" not in shown and "s3same" not in shown


def test_settings_are_light_to_import() -> None:
    code = "import sys, fingerprints.settings; print(*sorted({'torch', 'numpy', 'gradio'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
