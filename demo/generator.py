"""One generator's page: its card, its fingerprint in pictures, and what lies near it."""

from __future__ import annotations

import numpy as np

from registry.card import Card
from registry.snapshot import Collection

from .figures import SPACE, Figure, artifact_strip, mean_artifact
from .html import explained, facts, figure, figures, generator_link, text
from .removal import removal_html
from .words import MEANING

_NEIGHBOURS = 6


def detail_html(collection: Collection, name: str, repo_id: str | None) -> str:
    """The whole page; ``repo_id`` is the Hub repository that the registry comes from, if any. Raises NotFound."""
    card = collection.card(name)
    parts = [
        '<p><a href="./gallery">‹ Gallery</a></p>',
        f'<h1 class="fp-verdict">{text(card.label)}</h1>',
        f'<div class="fp-detail"><div>{_cover(collection, name)}</div><div>{_card(card, collection)}</div></div>',
        _strip(collection, name),
        _neighbours(collection, name),
        _provenance(collection, card, repo_id),
    ]
    return f'<article data-generator="{text(collection.name)}/{text(name)}">{"".join(parts)}</article>'


def similar(collection: Collection, name: str) -> list[tuple[str, float]]:
    """The other generators with their distance, nearest first.

    The distance is between mean artifacts, in units of the spread of one generator's images, averaged over spaces.
    """
    index = collection.names.index(name)
    distances = np.mean(
        [
            collection.references[space].within.squared_distances(means[index][None], means)[0]
            for space, means in collection.means.items()
        ],
        axis=0,
    )
    order = [i for i in np.argsort(distances, kind="stable") if i != index]
    return [(collection.names[i], float(np.sqrt(distances[i]))) for i in order]


def _cover(collection: Collection, name: str) -> str:
    if SPACE not in collection.references:
        return ""
    shown = figure(mean_artifact(collection, name, "Mean artifact"))
    spectrum = collection.picture(name, "spectrum.png")
    if spectrum.is_file():
        caption = "From dark (weak) to bright (strong); coarse shapes in the middle, finest detail outside."
        alt = f"Mean spectrum of the images of {name}: a map of log magnitudes."
        shown += figure(Figure(spectrum.read_bytes(), "Mean spectrum", caption, alt))
    return f'<div class="fp-pair">{shown}</div>'


def _card(card: Card, collection: Collection) -> str:
    return facts(
        {
            "Name": card.name,
            "Family": card.family,
            "Version": card.version,
            "Image decoder": card.decoder,
            "Year": card.year,
            "Samples": f"{card.samples:,}, of {card.contents:,} different contents",
            "Collection": collection.title,
            "Licence": card.licence,
            "Samples from": card.source,
            "Added by": card.contributor,
        }
    )


def _strip(collection: Collection, name: str) -> str:
    if SPACE not in collection.references:
        return ""
    heading = f"<h2>{explained('Artifacts', MEANING['artifact'])} of six of its images</h2>"
    note = '<p class="fp-small">On one scale. What they share is the fingerprint; what differs is noise.</p>'
    return heading + note + f'<div class="fp-strip">{figures(artifact_strip(collection, name))}</div>'


def _neighbours(collection: Collection, name: str) -> str:
    ranked = similar(collection, name)[:_NEIGHBOURS]
    if not ranked:
        return ""
    own, farthest = collection.card(name).decoder, max(distance for _, distance in ranked)
    rows = "".join(_neighbour(collection, other, distance, farthest, own) for other, distance in ranked)
    note = (
        "Nearest first: a short bar is near. The distance between mean artifacts, in units of how much the images of "
        "one generator vary. Near ones are the likeliest to be mistaken for each other."
    )
    return f'<h2>Similar generators</h2><p class="fp-small">{text(note)}</p><ul class="fp-bars">{rows}</ul>'


def _neighbour(collection: Collection, other: str, distance: float, farthest: float, own: str) -> str:
    card = collection.card(other)
    shared = '<br><span class="fp-small">same decoder</span>' if own and card.decoder == own else ""
    return (
        f'<li class="fp-bar fp-other"><span class="fp-name"><a href="{text(generator_link(collection.name, other))}">'
        f'{text(card.label)}</a>{shared}</span><span class="fp-track" aria-hidden="true">'
        f'<span style="width:{100 * distance / farthest:.0f}%"></span></span>'
        f'<span class="fp-share">{distance:.3f}</span></li>'
    )


def _provenance(collection: Collection, card: Card, repo_id: str | None) -> str:
    return (
        "<h2>Where it comes from</h2>"
        f'<p class="fp-small">Computed from {card.samples:,} samples, against the reference '
        f"{text(collection.reference_digest(collection.spaces[0])[:12])} of this collection. "
        f"Digest of the samples: <code>{text(card.samples_digest[:16] or 'not recorded')}</code>.</p>"
        f'<p class="fp-small">{removal_html(repo_id, collection.name, card.name)}</p>'
    )
