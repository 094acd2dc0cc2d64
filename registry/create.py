"""Create a collection from samples: photos for the manifold and the class "real", and samples of each generator."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from fingerprints.canonical import CanonicalForm
from fingerprints.embedding import Embed, EmbeddedImages, concatenate, gather
from fingerprints.fitting import Fitted, fit_collection

from .card import Card, valid_slug
from .cluster import Mapper
from .contribute import MIN_CONTENTS
from .entry import entry_files, samples_digest
from .files import canonical_json, sha256
from .intake import Limits, Passed, Sample, Unreadable, listed, read_samples
from .presets import PRESETS, Preset
from .snapshot import JOINT_FILE, learned_bytes
from .store import Store, StoreError

MIN_PHOTOS = 40
_WORKERS = 2
_CHUNK = 8  # images sent to a process at a time
_LIMITS = Limits(max_files=1_000_000, max_total_bytes=1_000_000_000_000)


@dataclass(frozen=True)
class Embedded:
    """The embedded samples of a build: photos by label ("source | history"), generators by name."""

    photos: dict[str, EmbeddedImages]
    generators: dict[str, EmbeddedImages]
    digests: dict[str, str]


def create_collection(
    store: Store,
    collection: str,
    photos: Mapping[str, Sequence[str | Path]],
    generators: Mapping[str, Sequence[str | Path]],
    cards: Mapping[str, Mapping[str, object]],
    *,
    preset_name: str | None = None,
    replace_it: bool = False,
    drop: bool = False,
    limit: int | None = None,
    tell: Callable[[str], None] = lambda text: None,
    mapper: Mapper | None = None,
) -> str:
    """Create (or, with ``replace_it``, rebuild) a collection. Returns the new revision.

    ``photos``: source -> samples; ``generators``: name -> samples; ``cards``: name -> card facts. A rebuild that would
    lose a generator whose samples are not given is refused unless ``drop``. ``mapper`` embeds elsewhere than in two
    processes here, such as Cluster.map.
    """
    preset = _checked_preset(store, valid_slug(collection), preset_name, replace_it)
    known = _known_cards(store, collection, generators, drop) if replace_it else {}
    described = {
        name: Card.from_json({**known.get(name, {}), **cards.get(name, {}), "name": name}) for name in generators
    }
    embedded = embed_all(preset, photos, generators, limit, tell, mapper)
    _refuse_too_little(embedded)
    files, filled = collection_files(preset, embedded, fit(preset, embedded), described)
    return store.replace_collection(collection, preset.title, files, filled)


def embed_all(
    preset: Preset,
    photos: Mapping[str, Sequence[str | Path]],
    generators: Mapping[str, Sequence[str | Path]],
    limit: int | None = None,
    tell: Callable[[str], None] = lambda text: None,
    mapper: Mapper | None = None,
) -> Embedded:
    """Read and embed everything, on two processes or by ``mapper``. All views are kept: basis, covariances and
    calibration are learned from them. ``limit``: at most that many images of each source of photos."""
    found_photos: dict[str, EmbeddedImages] = {}
    found, digests = {}, {}
    with _processes() if mapper is None else nullcontext(mapper) as mapped:
        for source, samples in photos.items():
            read = _read(samples, preset.form, limit, tell)
            for history in preset.histories:
                images = _embed(mapped, read, preset, history)
                if images is not None:
                    found_photos[f"{source} | {history}"] = images
            tell(f"{source}: {len(read)} photos, {len(preset.histories)} histories")
        for name, samples in generators.items():
            read = _read(samples, preset.form, None, tell)
            images = _under_histories(mapped, read, preset)
            if images is None:
                raise ValueError(f"{name}: none of its samples is covered by this collection.")
            found[name], digests[name] = images, samples_digest(s.image.digest for s in read)
            tell(f"{name}: {len(read)} images")
    return Embedded(found_photos, found, digests)


@contextmanager
def _processes() -> Iterator[Mapper]:
    with ProcessPoolExecutor(_WORKERS, initializer=_begin_worker) as pool:
        yield partial(pool.map, chunksize=_CHUNK)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    one_thread()


def one_thread() -> None:
    """For a worker process: each is a core's work, and a network that starts threads in all of them only waits."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if torch := sys.modules.get("torch"):  # it is there already where the parent had it
        torch.set_num_threads(1)


def collection_files(
    preset: Preset, embedded: Embedded, fitted: Fitted, cards: Mapping[str, Card]
) -> tuple[dict[str, bytes], dict[str, Card]]:
    """The files of a collection's folder by path, and its generators' cards with their counts filled in."""
    references = {space: learned_bytes(reference) for space, reference in fitted.references.items()}
    digests = {space: sha256(data) for space, data in references.items()}
    files = {f"reference/{space}.safetensors": data for space, data in references.items()}
    if fitted.joint:
        files[JOINT_FILE] = learned_bytes(fitted.joint)
    facts = {
        "title": preset.title,
        "form": preset.form.to_json(),
        "histories": list(preset.generated),
        "calibration": fitted.calibration.to_json(),
    }
    files["collection.json"] = canonical_json(facts)
    filled = {}
    for name, prints in fitted.fingerprints.items():
        images = embedded.generators[name]
        entry = entry_files(prints, images, fitted.references, digests, preset.form.crop)
        files.update({f"generators/{name}/{path}": data for path, data in entry.items()})
        contents, samples = len(np.unique(images.contents)), int((images.histories == 0).sum())
        card = cards.get(name, Card(name))
        filled[name] = replace(card, samples=samples, contents=contents, samples_digest=embedded.digests[name])
    return files, filled


def fit(preset: Preset, embedded: Embedded) -> Fitted:
    return fit_collection(embedded.photos, embedded.generators, preset.recipe)


def _checked_preset(store: Store, collection: str, preset_name: str | None, replace_it: bool) -> Preset:
    name = preset_name or collection
    if name not in PRESETS:
        raise StoreError(f"there is no preset {name!r}; choose one with --preset: {', '.join(PRESETS)}.")
    exists = store.revision is not None and collection in store.snapshot().collections
    if exists and not replace_it:
        raise StoreError(f"there is a collection {collection!r} already; rebuild it, or choose another name.")
    if replace_it and not exists:
        raise StoreError(f"there is no collection {collection!r} to rebuild; create it.")
    return PRESETS[name]


def _known_cards(
    store: Store, collection: str, generators: Mapping[str, object], drop: bool
) -> dict[str, dict[str, object]]:
    """The facts on the cards that a rebuild keeps; refuses to lose a generator silently."""
    cards = store.snapshot().collection(collection).cards
    lost = sorted(set(cards) - set(generators))
    if lost and not drop:
        raise StoreError(
            f"a rebuild makes every fingerprint anew, but no samples were given for {', '.join(lost)}. "
            "Give them with --generator, or let go of them with --drop."
        )
    return {name: card.to_json() for name, card in cards.items()}


def _refuse_too_little(embedded: Embedded) -> None:
    """A reference needs photos for the bank and for the class "real", and a generator some spread."""
    photos = len({str(content) for images in embedded.photos.values() for content in images.contents})
    if photos < MIN_PHOTOS:
        raise ValueError(
            f"a collection needs {MIN_PHOTOS} different photos or more, of a size it covers; {photos} were found."
        )
    for name, images in embedded.generators.items():
        found = int((images.histories == 0).sum())
        if found < MIN_CONTENTS:
            raise ValueError(f"{name}: {MIN_CONTENTS} images or more are needed; {found} were found.")


def _read(
    sources: Sequence[str | Path], form: CanonicalForm, limit: int | None, tell: Callable[[str], None]
) -> list[Sample]:
    """The usable samples; what was passed over is told."""
    passed: Passed = Counter()
    samples: list[Sample] = []
    unreadable: list[Unreadable] = []
    for item in read_samples(sources, limits=_LIMITS, limit=limit, covers=form.covers, passed=passed):
        if isinstance(item, Sample):
            samples.append(item)
        elif isinstance(item, Unreadable):
            unreadable.append(item)
    if unreadable:
        tell(f"not used: {len(unreadable):,} images; the first: {unreadable[0].reason}")
    if passed:
        tell(f"not looked at: {listed(passed)}")
    return samples


def _under_histories(mapper: Mapper, samples: Sequence[Sample], preset: Preset) -> EmbeddedImages | None:
    """A generator's images as they were made and after each history; None when none is covered as it was made."""
    found = [_embed(mapper, samples, preset, history) for history in preset.generated]
    if found[0] is None:
        return None
    numbered = [
        replace(images, histories=np.full(len(images), number))
        for number, images in enumerate(found)
        if images is not None
    ]
    return concatenate(numbered)


def _embed(mapper: Mapper, samples: Sequence[Sample], preset: Preset, history: str) -> EmbeddedImages | None:
    """The images that are large enough after the history; None when there is none."""
    embed = Embed.of(preset.form, list(preset.recipe.dimensions), history)
    rows = mapper(embed, [sample.image for sample in samples])
    kept = [(row, sample.content) for row, sample in zip(rows, samples, strict=True) if row is not None]
    return gather([row for row, _ in kept], [content for _, content in kept]) if kept else None
