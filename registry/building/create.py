"""Create a collection from samples: photos for the manifold and the class "real", and samples of each generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fingerprints.attribution.domain import SPACE, Domain
from fingerprints.geometry.embedding import concatenate
from fingerprints.learning.domain import learn_domain
from fingerprints.learning.fitting import Fitted, fit_collection

from ..contributions.contribute import MIN_CONTENTS
from ..intake.cluster import Mapper
from ..storage.card import Card, valid_slug
from ..storage.collection import DOMAIN_FILE, JOINT_FILE, learned_bytes
from ..storage.entry import entry_files
from ..storage.files import canonical_json, sha256
from ..storage.store import Store, StoreError
from .embed_samples import Embedded, embed_all
from .presets import PRESETS, Preset
from .sources import unrelated

MIN_PHOTOS = 40


def create_collection(
    store: Store,
    collection: str,
    photos: Mapping[str, Sequence[str | Path]],
    generators: Mapping[str, Sequence[str | Path]],
    cards: Mapping[str, Mapping[str, object]],
    *,
    outsiders: Mapping[str, Sequence[str | Path]] | None = None,
    preset_name: str | None = None,
    replace_it: bool = False,
    drop: bool = False,
    limit: int | None = None,
    tell: Callable[[str], None] = lambda text: None,
    mapper: Mapper | None = None,
    cache: Path | None = None,
    elsewhere: Sequence[str | Path] = (),
    content_of: Callable[[str, str], str] | None = None,
) -> str:
    """Create (or, with ``replace_it``, rebuild) a collection. Returns the new revision.

    ``photos``: source -> samples; ``generators``: name -> samples; ``cards``: name -> card facts. A rebuild that would
    lose a generator whose samples are not given is refused unless ``drop``. ``outsiders``, ``mapper``, ``cache``,
    ``elsewhere`` and ``content_of`` as in ``embed_all``.
    """
    preset = _checked_preset(store, valid_slug(collection), preset_name, replace_it)
    known = _known_cards(store, collection, generators, drop) if replace_it else {}
    described = {
        name: Card.from_json({**known.get(name, {}), **cards.get(name, {}), "name": name}) for name in generators
    }
    embedded = embed_all(preset, photos, generators, outsiders or {}, limit, tell, mapper, cache, elsewhere, content_of)
    _refuse_too_little(embedded)
    alone = unrelated({name: card.to_json() for name, card in described.items()})
    fitted = fit_collection(embedded.photos, embedded.generators, preset.recipe, embedded.outsiders, alone)
    tell("Its own images, each scored by what it had no part in:")
    for figure, value in fitted.figures.items():
        tell(f"  {figure}: {value:.3f}")
    files, filled = collection_files(preset, embedded, fitted, described)
    return store.replace_collection(collection, preset.title, files, filled)


def collection_files(
    preset: Preset, embedded: Embedded, fitted: Fitted, cards: Mapping[str, Card]
) -> tuple[dict[str, bytes], dict[str, Card]]:
    """The files of a collection's folder by path, and its generators' cards with their counts filled in."""
    references = {space: learned_bytes(reference) for space, reference in fitted.references.items()}
    digests = {space: sha256(data) for space, data in references.items()}
    files = {f"reference/{space}.safetensors": data for space, data in references.items()}
    if fitted.joint:
        files[JOINT_FILE] = learned_bytes(fitted.joint)
    if domain := domain_of(preset, embedded):
        files[DOMAIN_FILE] = canonical_json(domain.to_json())
    facts = {
        "title": preset.title,
        "form": preset.form.to_json(),
        "histories": list(preset.generated),
        "calibration": fitted.calibration.to_json(),
        "cross_fitted": {figure: round(value, 4) for figure, value in fitted.figures.items()},
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


def domain_of(preset: Preset, embedded: Embedded) -> Domain | None:
    """What the collection is about, where the preset says so and photos of other things were given."""
    if not preset.about or embedded.elsewhere is None:
        return None
    own = concatenate([*embedded.photos.values(), *embedded.generators.values()])
    contents = own.contents[own.image_of_row]
    return learn_domain(preset.about, own.rows[SPACE], contents, embedded.elsewhere.rows[SPACE])


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
        raise StoreError(
            f"a collection needs {MIN_PHOTOS} different photos or more, of a size it covers; {photos} were found."
        )
    for name, images in embedded.generators.items():
        found = int((images.histories == 0).sum())
        if found < MIN_CONTENTS:
            raise StoreError(f"{name}: {MIN_CONTENTS} images or more are needed; {found} were found.")
