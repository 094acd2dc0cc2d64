"""Every sentence that is marked in the source has an entry in every language, with the same places in it."""

from __future__ import annotations

import re

import pytest

from demo.language.catalogues import FOLDER
from demo.language.languages import ENGLISH, LANGUAGES
from demo.language.telling import joined, number, separated, speaking, template, told
from demo.language.updating import marked, messages, read
from demo.parts.html import foreign, link, rich, text
from demo.parts.words import long_text
from demo.shell import ENGLISH_ONLY
from fingerprints.sentence import counted, said
from fingerprints.spaces import get_space

OTHERS = [code for code in LANGUAGES if code != ENGLISH.code]
GERMAN, CHINESE = LANGUAGES["de"], LANGUAGES["zh"]
PLACES = re.compile(r"\{\w+\}|</?\w+>")


def singular(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_has_an_entry_and_no_other_has(code: str) -> None:
    """``make locale`` brings the entries, and somebody who speaks the language the words."""
    source = {singular(message.id): message.id for message in messages(marked())}
    there = {singular(message.id): message for message in messages(read(code))}
    assert set(source) == set(there)
    empty = [key for key, found in there.items() if not found.string or not all(found.string) or found.fuzzy]
    assert empty == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_places_of_a_sentence_are_the_same(code: str) -> None:
    wrong = []
    for message in messages(read(code)):
        english = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else message.string
        for string in strings:
            places = set(PLACES.findall(string))
            # for one thing, a language may say "a minute" instead of "1 minute"
            allowed = [set(PLACES.findall(one)) for one in english]
            if places not in allowed:
                wrong.append((english, string))
    assert wrong == []


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.po")} == set(OTHERS)


def test_long_texts_have_the_same_places_in_every_language() -> None:
    for name in ("about", "programs"):
        if name not in ENGLISH_ONLY:
            places = {
                code: re.findall(r"^(\{\{\w+\}\}|## )", long_text(name, code), re.MULTILINE) for code in LANGUAGES
            }
            assert len({tuple(found) for found in places.values()}) == 1


def test_a_sentence_is_told_in_the_language_that_is_set() -> None:
    sure = said("Probably {generator}.", generator="SDXL")
    assert told(sure) == "Probably SDXL."
    with speaking(GERMAN):
        assert told(sure) == "Wahrscheinlich SDXL." and template(sure) == "Wahrscheinlich {generator}."
        assert told(counted("{number} model", "{number} models", 1)) == "1 Modell"
        assert told(counted("{number} model", "{number} models", 1234)) == "1.234 Modelle"
        assert number(1234.5, 1) == "1.234,5" and number(-0.2) == "-0"
    assert told(sure) == "Probably SDXL." and number(1234.5, 1) == "1,234.5"


def test_sentences_within_a_sentence_are_told_too() -> None:
    with speaking(GERMAN):
        assert told(said("{most} and {last}", most="a", last=said("others"))) == "a und andere"
        assert told(get_space("frequency").label) == "das ganze Spektrum"


def test_what_stands_between_sentences_and_words_is_the_languages_own() -> None:
    parts = [said("Unknown"), "", said("Photo")]
    assert joined(parts) == "Unknown Photo" and separated(["a", "b"]) == "a, b"
    with speaking(CHINESE):
        assert joined(parts) == "未知照片" and separated(["a", "b"]) == "a、b"


def test_what_nobody_translated_says_that_it_is_english() -> None:
    assert foreign("as it came") == "as it came"
    with speaking(GERMAN):
        assert foreign("as it <came>") == '<span lang="en">as it &lt;came&gt;</span>'
        assert foreign(said("This did not work.")) == "Das ist nicht gelungen."


def test_html_goes_only_into_its_places() -> None:
    asked = said("{name}: <a>see {what}</a>", name="<b>", what='"{name}"')
    assert rich(asked, a=link("./x?a&b")) == '&lt;b&gt;: <a href="./x?a&amp;b">see &quot;{name}&quot;</a>'
    assert rich(said("{one} <i>"), one="<br>") == "<br> &lt;i&gt;" and text(said("<a>")) == "&lt;a&gt;"
