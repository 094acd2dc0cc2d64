"""One collection of a revision, opened for reading: its reference, its calibration, and its generators.

See snapshot.py for the layout of its folder. BrokenFile says which file is not as this version knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from fingerprints.errors import UserError
from fingerprints.settings import Settings

from .card import Card, valid_slug
from .files import BrokenFile, arrays_bytes, as_known, read_arrays, read_json

# What computes is imported where it is used: it takes 0.3 s, and ``list`` reads registry.json alone.
if TYPE_CHECKING:
    from fingerprints.attribution.bars import Bars
    from fingerprints.attribution.calibration import Calibration, Offsets
    from fingerprints.attribution.domain import Domain
    from fingerprints.images.canonical import CanonicalForm
    from fingerprints.model.evidence import Known
    from fingerprints.model.fingerprint import Fingerprint
    from fingerprints.model.joint import Joint
    from fingerprints.model.reference import Reference
    from fingerprints.model.shortlist import Shortlist

    from .index import Tables

_MANY = 256  # generators, from which on they are not read one by one each time; what is said of an image is the same
T = TypeVar("T")
JOINT_FILE = "reference/joint.safetensors"
DOMAIN_FILE = "reference/domain.json"


class NotFound(UserError, KeyError):
    """There is no such collection or generator; the text lists what there is."""

    def __str__(self) -> str:
        return str(self.args[0])


class Collection:
    """A domain with its own reference and generators, in one revision. Everything heavy is read on first use."""

    def __init__(self, path: Path, generators: dict[str, dict[str, Any]], digests: dict[str, str]) -> None:
        self.path, self.name, self.names = path, path.name, sorted(generators)
        self._decoders = [str(generators[name]["decoder"]) for name in self.names]
        self._digests = digests
        self.step: str | None = None  # of strictness, where the one who opens it decides

    @cached_property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = read_json(self.path / "collection.json")
        return facts

    @cached_property
    def form(self) -> CanonicalForm:
        from fingerprints.images.canonical import CanonicalForm

        return self._stated("form", lambda facts: CanonicalForm(**facts))

    @cached_property
    def calibration(self) -> Calibration:
        from fingerprints.attribution.calibration import Calibration

        return self._stated("calibration", Calibration.from_json)

    @property
    def title(self) -> str:
        return self._stated("title", str)

    @property
    def histories(self) -> tuple[str, ...]:
        """What the images of its generators went through, "as is" first: a fingerprint has a mean for each."""
        return tuple(self.facts.get("histories", ("as is",)))

    @property
    def strictness(self) -> str:
        """How much must be proved before something is said: as the owner sets it, else as the collection does."""
        return self.step or Settings.read().step or str(self.facts.get("strictness", "standard"))

    @property
    def bars(self) -> Bars:
        """What must be proved, at that strictness."""
        return self.calibration.bars[self.strictness]

    @property
    def spaces(self) -> tuple[str, ...]:
        return self.calibration.spaces

    @cached_property
    def references(self) -> dict[str, Reference]:
        return {space: read_reference(self.path / "reference" / f"{space}.safetensors") for space in self.spaces}

    @cached_property
    def joint(self) -> Joint | None:
        """Of all spaces at once."""
        if f"{self.name}/{JOINT_FILE}" not in self._digests:
            return None
        from fingerprints.model.joint import Joint

        return _learned(self.path / JOINT_FILE, Joint.from_arrays, "joint covariance")

    @cached_property
    def domain(self) -> Domain | None:
        """What its pictures show, where they all show one kind of thing."""
        if f"{self.name}/{DOMAIN_FILE}" not in self._digests:
            return None
        from fingerprints.attribution.domain import Domain

        with as_known(f"{self.name}: {DOMAIN_FILE} does not say what the collection is about"):
            return Domain.from_json(read_json(self.path / DOMAIN_FILE))

    @cached_property
    def known_at_once(self) -> Known | None:
        """The generators as ``joint`` compares them, where they are few enough to compare all of them."""
        from fingerprints.model.shortlist import COMPARED

        return self.joint.known(self.known) if self.joint and len(self.names) <= COMPARED else None

    @cached_property
    def shortlist(self) -> Shortlist | None:
        """Where they are more: a few of them, chosen for each image, as ``joint`` compares them."""
        if self.joint is None or self.known_at_once is not None:
            return None
        from fingerprints.model.shortlist import Shortlist, lengths_of

        stored = self._tables.lengths
        return Shortlist(self.joint, self.known, lengths_of(self.joint.known(self.known)) if stored is None else stored)

    def reference_digest(self, space: str) -> str:
        return self._digest(f"reference/{space}.safetensors")

    def card(self, name: str) -> Card:
        return Card.from_json(read_json(self._folder(name) / "card.json"))

    @cached_property
    def cards(self) -> dict[str, Card]:
        return {name: self.card(name) for name in self.names}

    def fingerprint(self, name: str, space: str, with_artifacts: bool = True) -> Fingerprint:
        """One generator's fingerprint; BrokenFile when it belongs to another reference than this one."""
        path = self._folder(name) / f"{space}.safetensors"
        fingerprint, digest = read_fingerprint(path, with_artifacts)
        if digest != self.reference_digest(space):
            raise BrokenFile(
                f"{name} was made against the reference {digest[:12]} of {self.name}/{space}, "
                f"but this registry has {self.reference_digest(space)[:12]}: its fingerprint must be made again."
            )
        return fingerprint

    def check_core(self) -> None:
        """BrokenFile when what all its generators rest on cannot be used."""
        with as_known(self.name):
            _ = self.form, self.calibration, self.references, self.joint, self.title, self.domain

    def check_entry(self, name: str) -> None:
        """BrokenFile or CardError when a generator's files are not what this collection needs of it."""
        if self.card(name).name != name:
            raise BrokenFile(f"the card of {name} bears another name.")
        for space in self.spaces:
            fingerprint, d = self.fingerprint(name, space), self.references[space].dimension
            rows = fingerprint.artifacts.shape[1:], fingerprint.changed.shape[1:]
            if fingerprint.space != space or fingerprint.mean.shape != (d,) or set(rows) != {(d,)}:
                raise BrokenFile(f"the fingerprint of {name} in {space} does not have the {d} values of its reference.")

    def picture(self, name: str, picture: str) -> Path:
        return self._folder(name) / "gallery" / picture

    @property
    def means(self) -> dict[str, np.ndarray]:
        """space -> means of all generators' images as they were made (g, d), in the order of ``names``."""
        return {space: table.means[:, 0] for space, table in self._tables.by_space.items()}

    @property
    def all_means(self) -> dict[str, np.ndarray]:
        """space -> means under every history (g, h, d), "as made" first."""
        return {space: table.means for space, table in self._tables.by_space.items()}

    @property
    def looseness(self) -> dict[str, np.ndarray]:
        return {space: table.looseness for space, table in self._tables.by_space.items()}

    @property
    def families(self) -> list[str]:
        """The design that each generator shares with others: its image decoder."""
        return self._decoders

    @property
    def samples(self) -> np.ndarray:
        """How many different images each fingerprint rests on (g,)."""
        return next(iter(self._tables.by_space.values())).contents

    @cached_property
    def offsets(self) -> Offsets:
        """Of the generators, as the calibration takes them."""
        return self.calibration.offsets_of(self.names)

    @cached_property
    def known(self) -> dict[str, Known]:
        """space -> all generators as images are weighed against them."""
        return {space: table.known for space, table in self._tables.by_space.items()}

    @property
    def norms(self) -> dict[str, np.ndarray]:
        """space -> the mean length of the artifacts of each generator (g,)."""
        return {space: table.norms for space, table in self._tables.by_space.items()}

    @cached_property
    def _tables(self) -> Tables:
        """Of thousands, mapped from the disk; in memory where they are few, or that cannot be done."""
        from .index import Wanted, in_memory, mapped

        histories = len(self.histories)

        def read(number: int, space: str) -> Fingerprint:
            """Without its artifacts, which are most of its bytes."""
            fingerprint = self.fingerprint(self.names[number], space, with_artifacts=False)
            return replace(fingerprint, changed=known_under(fingerprint, histories)[1:])

        wanted = Wanted(
            self.references,
            self.joint,
            {learned: self.reference_digest(learned) for learned in [*self.spaces, *(["joint"] if self.joint else [])]},
            {
                space: [self._digest(f"generators/{name}/{space}.safetensors") for name in self.names]
                for space in self.spaces
            },
            histories,
            read,
        )
        revisions = self.path.parent.parent
        if len(self.names) >= _MANY and revisions.name == "revisions":
            with suppress(OSError, ValueError):
                return mapped(indexes(revisions.parent, self.path.parent.name) / self.name, wanted)
        return in_memory(wanted)

    def _stated(self, key: str, parse: Callable[[Any], T]) -> T:
        with as_known(f"collection.json of {self.name} is not as this version knows it"):
            return parse(self.facts[key])

    def _digest(self, path: str) -> str:
        with listed():
            return self._digests[f"{self.name}/{path}"]

    def _folder(self, name: str) -> Path:
        if name not in self.names:
            raise NotFound(f"{self.name} has no generator {name!r}; it has {', '.join(self.names) or 'none'}.")
        return self.path / "generators" / valid_slug(name)


@contextmanager
def listed() -> Iterator[None]:
    """What registry.json should list and does not, as a BrokenFile."""
    try:
        yield
    except KeyError as error:
        raise BrokenFile(f"registry.json is not as this version knows it: it lacks {error}.") from error


def indexes(store: Path, revision: str) -> Path:
    """Where the indexes of a revision lie (index.py), beside the revisions: they are no part of them."""
    return store / "indexes" / revision


def learned_bytes(learned: Reference | Joint) -> bytes:
    return arrays_bytes(*learned.to_arrays())


def read_reference(path: Path) -> Reference:
    from fingerprints.model.reference import Reference

    return _learned(path, Reference.from_arrays, "reference")


def _learned(path: Path, parse: Callable[[dict[str, np.ndarray], str], T], kind: str) -> T:
    arrays, facts = read_arrays(path)
    with as_known(f"{path.name} is not a {kind} as this version knows it"):
        return parse(arrays, facts)


def known_under(fingerprint: Fingerprint, histories: int) -> np.ndarray:
    """Its means (histories, d); the mean as made stands in for a history that it was not measured under."""
    missing = histories - len(fingerprint.means)
    return np.concatenate([fingerprint.means[:histories], np.tile(fingerprint.mean, (max(missing, 0), 1))])


def fingerprint_bytes(fingerprint: Fingerprint, reference_digest: str) -> bytes:
    return arrays_bytes(*fingerprint.to_arrays(reference_digest))


def read_fingerprint(path: Path, with_artifacts: bool = True) -> tuple[Fingerprint, str]:
    """A fingerprint and the digest of the reference it was made against; the artifacts are most of its bytes."""
    from fingerprints.model.fingerprint import Fingerprint

    arrays, facts = read_arrays(path, None if with_artifacts else ("mean", "changed"))
    with as_known(f"{path.name} in {path.parent.name} is not a fingerprint"):
        if not with_artifacts:
            arrays["artifacts"] = np.zeros((0, len(arrays["mean"])), np.float16)
        return Fingerprint.from_arrays(arrays, facts)
