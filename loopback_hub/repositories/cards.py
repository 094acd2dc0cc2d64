"""The YAML at the top of a README.md: what the Hub reads from it, and what it objects to."""

from __future__ import annotations

import re
from typing import Any

import yaml

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(\r?\n|$)", re.DOTALL)


def card_data(readme: bytes) -> dict[str, Any]:
    """The facts of the front matter, empty where there are none or they cannot be read."""
    try:
        facts = _facts(readme.decode("utf-8", "replace"))
    except yaml.YAMLError:
        return {}
    return facts if isinstance(facts, dict) else {}


def problems(readme: str) -> tuple[list[str], list[str]]:
    """Errors, which refuse a commit, and warnings."""
    try:
        facts = _facts(readme)
    except yaml.YAMLError as error:
        return [f"YAML metadata cannot be read: {error}"], []
    if facts is None:
        return [], ["empty or missing yaml metadata in repo card"]
    if not isinstance(facts, dict):
        return ["YAML metadata must be a mapping"], []
    errors = []
    if not all(isinstance(one, str) for one in _listed(facts.get("license"))):
        errors.append('"license" must be a string or a list of strings')
    for key in ("tags", "language", "task_categories", "size_categories"):
        if not all(isinstance(one, str) for one in _listed(facts.get(key))):
            errors.append(f'"{key}" must hold strings alone')
    if not isinstance(facts.get("pretty_name", ""), str):
        errors.append('"pretty_name" must be a string')
    return errors, []


def _facts(readme: str) -> Any:
    found = _FRONT_MATTER.match(readme)
    return yaml.safe_load(found[1]) if found else None


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
