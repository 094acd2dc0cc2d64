"""The README's code runs as printed, and its first screen is what Spaces and newcomers need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_python_example_runs(tmp_path: Path, photo_paths: list[Path]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    shutil.copy(photo_paths[0], tmp_path / "photo.jpg")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FINGERPRINT_REGISTRY": str(tmp_path / "registry")}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "'verdict'" in ran.stdout


@pytest.mark.parametrize("key", ["title", "emoji", "sdk", "sdk_version", "python_version", "app_file", "license"])
def test_the_front_matter_names_what_a_space_needs(key: str) -> None:
    front = README.split("---")[1]
    assert re.search(rf"^{key}: \S", front, flags=re.MULTILINE)


def test_the_front_matter_names_the_gradio_that_is_installed() -> None:
    pinned = re.search(r"^gradio==(\S+)$", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    assert pinned and f"sdk_version: {pinned[1]}" in README


def test_every_picture_is_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()
