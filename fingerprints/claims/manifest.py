"""What Content Credentials say, once they are read: their manifests as JSON, told in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..sentence import Sentence, said
from .claim import INVALID, VALID, Claim, claim, shown
from .iptc import source_type

SOURCE = "Content Credentials (C2PA)"
LISTED = "The signer is on the list of those who are trusted here."
_MOST_NAMED = 8
_CHANGED = ("assertion.dataHash.mismatch", "assertion.bmffHash.mismatch", "assertion.boxesHash.mismatch")
_SIGNATURE = ("claimSignature", "signingCredential")

Json = dict[str, Any]


def manifest_claim(store: Json, of_unlisted: str) -> Claim:
    """``of_unlisted`` is what to say of a signer who is not known to be trusted. Raises TypeError, LookupError or
    AttributeError where the JSON has another form than the library gives it."""
    manifests = store["manifests"]
    active = manifests[store["active_manifest"]]
    others = [manifest for manifest in manifests.values() if manifest is not active]
    state, failures = store.get("validation_state"), _failures(store)
    holds = state in ("Valid", "Trusted")
    trusted = state == "Trusted"
    says = _signer(active, trusted) if holds else _why_not(failures)
    rows = {
        "": (LISTED if trusted else of_unlisted) if holds else "",
        "Signed by": "" if holds else _names(active),
        "Signed at": active.get("signature_info", {}).get("time", ""),
        "Made with": ", ".join(_programs(active)),
        "What was done": ", ".join(map(_action, _actions(active))),
        "Made from": ", ".join(str(part.get("title", "a picture")) for part in active.get("ingredients", [])),
        "What does not hold": ", ".join(failures),
    }
    detail = " ".join(_row(name, value) for name, value in rows.items() if value)
    return claim(SOURCE, VALID if holds else INVALID, says.of(origin=_origin(active, others)), detail)


def _row(name: str, value: object) -> str:
    text = shown(str(value), 300)
    return f"{name}: {text.rstrip('.')}." if name else text


def _origin(active: Json, others: Sequence[Json]) -> Sentence:
    """Where it comes from by its own manifest; if that does not say it, by those of what it was made from."""
    if says := _source_types(active):
        return says[0]
    if says := [sentence for manifest in others for sentence in _source_types(manifest)]:
        return said("Made from a picture of which is said: {says}", says=says[0])
    programs = _programs(active)
    if programs:
        return said("Made or changed with {program}.", program=shown(programs[0], 80))
    return said("Does not say how it was made.")


def _source_types(manifest: Json) -> list[Sentence]:
    codes = [str(action["digitalSourceType"]) for action in _actions(manifest) if "digitalSourceType" in action]
    return [says for says in map(source_type, codes) if says]


def _actions(manifest: Json) -> list[Json]:
    found = [
        action
        for assertion in manifest.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion["data"].get("actions", [])
    ]
    return found[:_MOST_NAMED]


def _action(action: Json) -> str:
    done = str(action.get("action", "")).removeprefix("c2pa.").replace("_", " ")
    program = _name(action.get("softwareAgent"))
    return f"{done} ({program})" if program else done


def _programs(manifest: Json) -> list[str]:
    """The program that signed, and those that did something."""
    generators = [_name(info) for info in manifest.get("claim_generator_info") or []]
    older = str(manifest.get("claim_generator", "")).split(" ")[0].replace("_", " ")
    agents = [_name(action.get("softwareAgent")) for action in _actions(manifest)]
    names = filter(None, [*agents, *(generators or [older])])
    return list(dict.fromkeys(names))[:_MOST_NAMED]


def _name(info: object) -> str:
    """Of a program, which is a text in older manifests."""
    return str(info.get("name", "")) if isinstance(info, dict) else str(info or "")


def _names(manifest: Json) -> str:
    """Of the signer: a person or a service, and who answers for them."""
    info = manifest.get("signature_info") or {}
    names = dict.fromkeys(str(info[key]) for key in ("common_name", "issuer") if info.get(key))
    return ", ".join(names)


def _signer(manifest: Json, trusted: bool) -> Sentence:
    """Anybody can make a certificate in anybody's name; only of a trusted one it is said that they signed."""
    names = shown(_names(manifest), 120) or said("nobody")
    if trusted:
        return said("{origin} Signed by {names}.", names=names)
    return said("{origin} Signed in the name of {names}; who that is was not checked.", names=names)


def _failures(store: Json) -> list[str]:
    """Codes of what does not hold, in the file's own manifest and in those of what it was made from."""
    results = store.get("validation_results") or {}
    deltas = [part.get("validationDeltas") or {} for part in results.get("ingredientDeltas") or []]
    codes = [code for part in (results.get("activeManifest") or {}, *deltas) for code in _codes(part)]
    return list(dict.fromkeys(codes))[:_MOST_NAMED]


def _codes(part: Json) -> Iterator[str]:
    codes = (str(failure.get("code", "")) for failure in part.get("failure") or [])
    return (code for code in codes if code != "signingCredential.untrusted")  # that is said in words


def _why_not(failures: Sequence[str]) -> Sentence:
    if any(code in _CHANGED for code in failures):
        return said("{origin} But the picture is not the one that was signed.")
    if any(code.endswith("mismatch") or code.startswith(_SIGNATURE) for code in failures):
        return said("{origin} But the signature does not hold.")
    return said("{origin} But its Content Credentials break the rules for them.")
