"""The published generators: a card and a weights file each, found without loading anything heavy."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from fingerprints.files import write_atomically

from .errors import ZooError

FOLDER = Path(__file__).parent.parent / "weights"


class UnknownGenerator(ZooError):
    """There is no generator of that name in the zoo."""


@dataclass(frozen=True)
class Card:
    """What is known of a generator, written by its training.

    ``design`` maps each axis to its level in words; ``distance`` is from its samples to held-out real faces by
    ``measure``, ``floor`` the same between real faces; ``samples_digest`` is that of its first samples from seed 0 on
    the machine that trained it (another processor may round a few pixels otherwise).
    """

    name: str
    kind: str
    design: dict[str, str]
    seed: int
    steps: int
    batch: int
    training_faces: int
    parameters: int
    distance: float
    floor: float
    measure: str
    weights_digest: str
    samples_digest: str


def names(folder: Path = FOLDER) -> list[str]:
    """Every generator that is published, sorted."""
    return sorted(path.stem for path in folder.glob("*.json") if path.with_suffix(".safetensors").exists())


def card(name: str, folder: Path = FOLDER) -> Card:
    """The card of one generator. Raises UnknownGenerator."""
    known = names(folder)
    if name not in known:
        raise UnknownGenerator(f"The zoo has no generator {name}; it has {', '.join(known) or 'none yet'}.")
    stored = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return Card(**{field.name: stored[field.name] for field in fields(Card)})


def write_card(card: Card, folder: Path) -> None:
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / f"{card.name}.json", text.encode())
