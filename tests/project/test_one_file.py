"""To add a space or a projection is to add one file: a toy of a space is put into a copy of the package, and used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import fingerprints

SPACE = '''"""How bright each colour is."""

import numpy as np


class Brightness:
    name = "brightness"
    label = "how bright each colour is"
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        return views.mean(axis=(1, 2)).astype(np.float32)


SPACES = (Brightness(),)
'''
USE = """
import numpy as np
from fingerprints.geometry.embedding import gather
from fingerprints.learning.fitting import Recipe, fit_collection
from fingerprints.geometry.projection import Nearest
from fingerprints.spaces import get_space

def images(colour, seed):
    views = np.clip(np.random.default_rng(seed).normal(colour, 9, (60, 1, 8, 8, 3)), 0, 255).astype(np.uint8)
    return gather([{"brightness": get_space("brightness").embed(v)} for v in views], [f"{seed}-{i}" for i in range(60)])

photos = {"photos | as is": images((90, 90, 90), 0)}
made = {"red": images((150, 90, 90), 1), "blue": images((90, 90, 150), 2)}
fitted = fit_collection(photos, made, Recipe({"brightness": 3}, projection=Nearest()))
print(get_space("brightness").label, fitted.references["brightness"].projection.name, sorted(fitted.fingerprints))
"""


def test_a_space_is_one_file(tmp_path: Path) -> None:
    package = Path(fingerprints.__file__).parent
    shutil.copytree(package, tmp_path / "fingerprints", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "fingerprints" / "spaces" / "brightness.py").write_text(SPACE)
    done = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "how bright each colour is nearest ['blue', 'red']"
