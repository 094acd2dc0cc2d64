"""docs/registry-format.md says what the files of the embedded registry are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from safetensors import safe_open

from registry.storage.card import Card
from registry.storage.manifest import check_path
from registry.storage.store import BUILTIN

PAGE = (Path(__file__).parents[2] / "docs" / "registry-format.md").read_text()
DTYPES = {"F32": "float32", "F16": "float16", "I8": "int8", "I32": "int32"}
KINDS = {"reference": "reference/[!j]*", "joint": "reference/joint", "fingerprint": "generators/*/*"}


def documented(kind: str) -> dict[str, tuple[str, int]]:
    """array -> its dtype and how many axes it has."""
    rows = re.findall(rf"^\| {kind} \| (.*?) \| (\w+) \| \((.*)\) \|.*\|$", PAGE, flags=re.MULTILINE)
    axes = {names: shape.count(",") + (not shape.endswith(",")) for names, _, shape in rows}
    return {name: (dtype, axes[names]) for names, dtype, _ in rows for name in re.findall(r"`(.*?)`", names)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_arrays_are_those_of_the_page(kind: str) -> None:
    """Those of text-to-image; other embedded collections may be of an older form."""
    stated, seen = documented(kind), set()
    for path in (BUILTIN / "text-to-image").glob(f"{KINDS[kind]}.safetensors"):
        with safe_open(path, framework="numpy") as opened:
            assert list(opened.metadata()) == ["manifpt"]
            parts = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118 (not a dict)
        found = {name: (DTYPES[part.get_dtype()], len(part.get_shape())) for name, part in parts.items()}
        assert found.items() <= stated.items(), path
        seen |= set(found)
    assert seen == set(stated)


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
