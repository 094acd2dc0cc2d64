"""What a user can meet is a UserError with a sentence; an error of the program is never dressed up as one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from demo.server.line import Busy
from fingerprints.errors import SpaceError, UserError
from fingerprints.images.image import ImageError
from fingerprints.settings import SettingError
from fingerprints.spaces import get_space
from registry.__main__ import main
from registry.answers.identify import NotCovered
from registry.contributions.contribute import TooFewSamples
from registry.hub.client import HubError, Moved
from registry.hub.sync import SyncError
from registry.intake.cluster import ClusterError
from registry.intake.sources.common import IntakeError
from registry.storage.card import CardError
from registry.storage.files import BrokenFile
from registry.storage.local import Conflict
from registry.storage.snapshot import NotFound
from registry.storage.store import Store, StoreError
from zoo.__main__ import main as zoo_main
from zoo.designs.cards import UnknownGenerator
from zoo.designs.errors import ZooError

ROOT = Path(__file__).parents[2]
WRONG_VALUES = (
    *(Busy, SpaceError, ImageError, CardError, ClusterError, TooFewSamples, BrokenFile, HubError, Moved, NotCovered),
    *(Conflict, SettingError, IntakeError, StoreError, SyncError, UnknownGenerator, ZooError),
)


@pytest.mark.parametrize("kind", WRONG_VALUES)
def test_a_library_user_may_catch_a_value_error(kind: type[Exception]) -> None:
    assert issubclass(kind, UserError) and issubclass(kind, ValueError)
    assert str(kind("A sentence.")) == "A sentence."


def test_what_is_not_there_is_a_key_error_with_a_plain_sentence() -> None:
    assert issubclass(NotFound, UserError) and issubclass(NotFound, KeyError)
    assert str(NotFound("there is no such collection.")) == "there is no such collection."
    with pytest.raises(UserError, match="no space is called"):
        get_space("colour")


@pytest.mark.parametrize("error", [KeyError("typo"), ValueError("shapes do not match"), TypeError("no list")])
def test_an_error_of_the_program_is_not_hidden(
    error: Exception, small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Store) -> None:
        raise error

    monkeypatch.setattr(Store, "snapshot", broken)
    with pytest.raises(type(error)):
        main(["list", "--registry", str(small_store.folder)])
    monkeypatch.setattr("zoo.__main__.names", lambda: broken(small_store))
    with pytest.raises(type(error)):
        zoo_main(["list"])


@pytest.mark.parametrize("file", ["registry/__main__.py", "app.py"])
def test_the_command_lines_catch_user_errors_and_nothing_wider(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    caught = {ast.unparse(n.type) for n in ast.walk(function) if isinstance(n, ast.ExceptHandler) and n.type}
    assert caught <= {"UserError", "BrokenPipeError", "KeyboardInterrupt"}
