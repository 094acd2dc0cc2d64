"""A sentence is English like any text, and keeps what it was made of."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from fingerprints.errors import UserError
from fingerprints.sentence import Grouped, Sentence, counted, packed, said, unpacked

ABOUT = said("{name} holds {what}.", name="a.png", what=counted("{number} frame", "{number} frames", 1200))


def test_it_is_english_like_any_text() -> None:
    assert ABOUT == "a.png holds 1,200 frames." and json.dumps([ABOUT]) == '["a.png holds 1,200 frames."]'
    assert counted("{number} file", "{number} files", 1) == "1 file" and said("{least} px", least=1200) == "1200 px"


def test_only_a_plain_name_with_a_value_is_a_place() -> None:
    assert said("{name.__class__} {0} {other} {name}", name="x") == "{name.__class__} {0} {other} x"
    assert said("{one}", one="{two}", two="x") == "{two}"


def test_values_may_come_later() -> None:
    assert said("{name} is {kind}.").of(kind="odd").of(name="a") == "a is odd."


@pytest.mark.parametrize("way", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_keeps_what_it_was_made_of(way: object) -> None:
    copied = way(ABOUT)  # type: ignore[operator]
    assert copied == ABOUT and isinstance(copied, Sentence) and copied.template == ABOUT.template


def test_it_goes_through_json() -> None:
    there = unpacked(json.loads(json.dumps(packed(ABOUT))))
    assert there == ABOUT and isinstance(there.values["what"], Sentence)
    assert unpacked(packed("plain")) == "plain" and unpacked(packed(Grouped(5))) == 5


@pytest.mark.parametrize("facts", [{}, {"template": "a", "several": "", "number": 1, "values": []}, [], ["x"], [1, 2]])
def test_what_is_no_sentence_is_refused(facts: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        unpacked(facts)


def test_sentences_are_within_sentences_only_so_deep() -> None:
    deep = said("x")
    for _ in range(9):
        deep = said("{deep}", deep=deep)
    with pytest.raises(ValueError, match="deep"):
        unpacked(packed(deep))


def test_an_error_keeps_its_sentence() -> None:
    error = UserError(ABOUT)
    assert error.sentence is ABOUT and str(error) == "a.png holds 1,200 frames." and UserError().sentence == ""
