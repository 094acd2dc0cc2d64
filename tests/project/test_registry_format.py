"""docs/registry-format.md says what the files of a registry are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from registry.storage.card import Card
from registry.storage.manifest import check_path
from registry.storage.snapshot import Snapshot
from registry.storage.store import BUILTIN

PAGE = (Path(__file__).parents[2] / "docs" / "registry-format.md").read_text()


def documented(kind: str) -> dict[str, tuple[str, int]]:
    """array -> its dtype and how many axes it has."""
    rows = re.findall(rf"^\| {kind} \| (.*?) \| (\w+) \| \((.*)\) \|.*\|$", PAGE, flags=re.MULTILINE)
    axes = {names: shape.count(",") + (not shape.endswith(",")) for names, _, shape in rows}
    return {name: (dtype, axes[names]) for names, dtype, _ in rows for name in re.findall(r"`(.*?)`", names)}


def written(kind: str) -> dict[str, np.ndarray]:
    """The arrays of a file as this version writes it."""
    collection = Snapshot(BUILTIN).collection("text-to-image")
    if kind == "fingerprint":
        return collection.fingerprint(collection.names[0], "dct").to_arrays("")[0]
    learned = collection.joint if kind == "joint" else collection.references["dct"]
    assert learned is not None
    return learned.to_arrays()[0]


@pytest.mark.parametrize("kind", ["reference", "joint", "fingerprint"])
def test_the_arrays_are_those_of_the_page(kind: str) -> None:
    found = {name: (str(array.dtype), array.ndim) for name, array in written(kind).items()}
    assert found == documented(kind)


def test_the_keys_of_the_json_files_are_on_the_page() -> None:
    for path in BUILTIN.glob("*/collection.json"):
        facts = json.loads(path.read_text())
        assert all(f"`{key}`" in PAGE for key in (*facts, *facts["form"]))
    assert all(f"`{key}`" in PAGE for key in Card("a").to_json())
    assert all(f"`{key}`" in PAGE for key in json.loads((BUILTIN / "registry.json").read_text()))


def test_every_path_that_the_page_lists_may_be_in_a_registry() -> None:
    listed = re.findall(r"^    (<collection>/\S+)", PAGE, flags=re.MULTILINE)
    assert len(listed) == 7
    for path in listed:
        check_path(path.replace("*", "a").replace("<collection>", "c").replace("<name>", "g").replace("<space>", "dct"))
