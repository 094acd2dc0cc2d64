"""What programs may ask, in one list: the page and the descriptions that clients read are made of it.

Tests compare it with what a running app takes and gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Endpoint:
    """``takes``: what each parameter is, in their order; ``gives``: what comes back; ``keys``: what it holds."""

    name: str
    does: str
    takes: Mapping[str, str]
    gives: str
    keys: Mapping[str, str] = field(default_factory=dict)


IDENTIFY = Endpoint(
    "identify",
    "Which model made this picture, if any?",
    {
        "image": "the picture: a file that was sent before",
        "stability": "true: look as well at what becomes of the answer when the picture is saved again, scaled or "
        "cropped; takes longer (default: false)",
    },
    "Several objects, one after the other: your place in line, where others are before you, then answers, each surer "
    "than the one before. The last one counts.",
    {
        "verdict": "the most that can be said: generator, family, among, generated, real or unknown",
        "generator": "the model, where the verdict names one; else null",
        "among": "the models of which one made it, the likeliest first, where the verdict is family or among",
        "family": "what these share, where the verdict is family; else null",
        "probability": "how likely the verdict is right",
        "generated": "how likely a model made it, whichever",
        "candidates": "every model of the collection, and “real”, each with its probability",
        "unknown": "how likely it is none of the candidates",
        "p_value": "the share of pictures of the best candidate that look at least as unusual",
        "stable": "false when saving, scaling or cropping leads to an answer that contradicts this one; null when "
        "nobody asked",
        "claims": "what the file itself says of its origin; never used for the answer",
        "within": "the rectangle that was looked at, where something lies around the picture; else null",
        "enlarged": "by what factor the picture seems to have been enlarged, null where that is not sure; else null",
        "regions": "what each part of the picture says when it is looked at alone, where there are parts enough",
        "warnings": "sentences that a reader should know",
        "final": "whether this is the answer, and no sketch of it",
        "file": "the name of the file",
        "collection": "the collection of models that answered",
        "spaces": "the ways of looking at the picture that have been used so far",
        "strictness": "how much proof this server asks for: strict, standard or lax",
        "registry": "where the fingerprints come from",
        "revision": "the state of the registry",
        "schema": "the version of this list; it changes when a key changes its meaning",
    },
)
TOGETHER = Endpoint(
    "identify_together",
    "The same for up to 24 pictures, and for all of them together, as if one model had made them all.",
    {"images": "a list of files that were sent before"},
    "A list: an answer for each picture, in their order, and last the one for all of them, with “paths” in place of "
    "“file”. The keys are those of identify, but for “spaces” and “final”.",
)
LIST = Endpoint(
    "list",
    "Every model that can be told here.",
    {},
    "A list of objects.",
    {
        "collection": "the collection that it belongs to",
        "name": "its name there, as answers give it",
        "title": "its name for people",
        "family": "the models that it is one of",
        "decoder": "what turns its inner state into a picture; null where that is not known",
        "samples": "how many pictures of it are known",
        "contents": "of how many different prompts or seeds",
    },
)
COMPARE = Endpoint(
    "compare",
    "How alike are the traces that two models leave?",
    {
        "collection": "the collection that both belong to",
        "one": "the name of one of them",
        "other": "the name of the other",
    },
    "One object.",
    {
        "collection": "the collection",
        "generators": "the two names",
        "distance": "how far apart they lie, in units of how much the pictures of one model vary",
        "nearer": "how many other models are more like the first",
        "taken_for_other": "how often pictures of the first are taken for the second, and the other way round",
    },
)
CONTRIBUTE = Endpoint(
    "contribute",
    "Add a model, from pictures that it made.",
    {
        "samples": "five pictures or more of one model, as it made them, or a zip of them: files that were sent before",
        "card": "an object with its name (small letters, digits, and . _ + - between them), and what else is known: "
        "title, family, version, decoder, year, licence, source, contributor, design",
        "collection": "where to add it (default: the collection that covers the first pictures)",
        "add": "false: only report what its fingerprint is worth (default: true)",
        "token": "the word that the owner of this server gives out, if there is one",
    },
    "Several objects, one after the other: how far it is, and at last the report.",
    {
        "status": "added, waiting (for the owner of this server) or not added",
        "number": "under which it waits, if it does",
        "collection": "where it belongs",
        "report": "what the fingerprint is worth, with advice",
        "design": "what the pictures say of how the model was built",
        "not_usable": "why some pictures were left out",
        "final": "true for the last object",
    },
)
ENDPOINTS = (IDENTIFY, TOGETHER, LIST, COMPARE, CONTRIBUTE)
