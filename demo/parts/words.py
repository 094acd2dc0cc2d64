"""Sentences and explanations that the pages share. Longer texts are in text/."""

from __future__ import annotations

from pathlib import Path

from fingerprints.sentence import Sentence, said

_TEXTS = Path(__file__).parents[1] / "text"
TITLE = said("Which model made this image?")
IN_ONE_SENTENCE = said(
    "Upload a picture and see which generative model made it, or that it looks like a photo, with the evidence."
)
KEPT = said(
    "Your file goes to this server, is read, and is deleted at the latest one hour later. "
    "It is not added to the registry and is shown to nobody else."
)
WHAT_TO_GIVE = said(
    "Give images of one generator, as it made them: not scaled, not re-saved. Five are the least, fifty from different "
    "prompts or seeds make a steady fingerprint."
)
SAMPLES_KEPT = said(
    "Samples go to this server, are read, and are deleted at the latest one hour later. What stays is derived from "
    "them: numbers, and the pictures of artifacts that you see before you add anything. The samples are not kept."
)
ON_A_SPACE = said("This server's disk may be emptied when it restarts; what you add here can be gone then.")
CLOSED = said(
    "The owner of this server takes no contributions. At home you can add any generator to a registry of your own."
)
NOT_PERMITTED = said(
    "Contributing needs the token that the owner of this server gives out, and the one you gave is not it."
)
TOKEN_USE = said(
    "Your token goes through this server to the Hub once and is neither kept nor written down; withdraw it in your "
    "settings afterwards if you do not trust this server."
)
PLAIN_VARIANTS = {"resize .75": said("size 75 %"), "resize .5": said("size 50 %"), "crop": said("cropped")}
LIMITS = said(
    "Take the answer as a lead, never as a proof. Fingerprints can be removed, and a photograph can be given those of "
    "a model, by anybody who tries; some answers are simply wrong. Do not accuse anybody on the strength of it."
)
NO_VARIANT = said(
    "Changed like this, the picture has a size that these models are not compared at, so nothing can be told."
)
ADDED_UP = said("Taken together, what each picture says adds up, as if one model had made them all.")
TESTED_COLLECTION = "text-to-image"
ADDED_UP_TESTED = said(
    "In a test with eight of the text-to-image models listed here, the best candidate for ten unseen pictures of one "
    "model was always right; with fewer, and for models that are not listed, it is right less often."
)
MEANING = {
    "artifact": said(
        "What distinguishes one image from the closest real images: what is measured of it, minus what is measured of "
        "the real images most like it. A pattern here comes from how the picture was made, not from what it shows."
    ),
    "fingerprint": said("The artifacts of many images of one generator: what its design and decoder leave behind."),
    "design": said(
        "The choices that were made before it was trained: how it scales images up, its loss, its normalisation. Known "
        "of the generators of some collections, whose cards say it."
    ),
    "neither": said(
        "The probability that nothing speaks for a model, and yet it is no photo either: a drawing, a chart, or a "
        "picture that was scaled, filtered or re-saved until its traces were gone."
    ),
}
ASKED_FOR = {
    "strict": said("This server asks for more proof than usual."),
    "lax": said("This server asks for less proof than usual."),
}
CLAIMS_NOTE = said(
    "None of it was used for the answer above. Anybody can write into a file, or take out of it, what is only claimed. "
    "A valid signature shows that neither the picture nor what is said was changed after it was signed, not that it is "
    "true."
)
NO_CLAIMS = said(
    "The file itself says nothing of its origin that could be read. (What it says is never used for an answer.)"
)


def in_line(number: int) -> Sentence:
    """What a visitor reads while others have their turn."""
    return said("Others are before you: you are number {number} in line …", number=number)


def long_text(name: str, code: str = "en") -> str:
    """A longer text (Markdown) from the folder text/, in the language of that code."""
    return _TEXTS.joinpath(code, f"{name}.md").read_text(encoding="utf-8")
