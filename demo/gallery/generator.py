"""One generator's page: its card, its fingerprint in pictures, and what lies near it."""

from __future__ import annotations

from fingerprints.attribution.verdict import REAL
from fingerprints.sentence import Grouped, said
from registry.analysis.neighbours import confusion, similar
from registry.answers.sentences import candidate_label
from registry.storage.card import Card
from registry.storage.snapshot import Collection

from ..language.telling import number
from ..parts.figures import SPACE, artifact_strip, mean_artifact, stored_spectrum
from ..parts.form import address
from ..parts.html import CODE, explained, facts, figure, figures, generator_link, link, rich, text
from ..parts.map import key_label
from ..parts.removal import removal_html
from ..parts.words import MEANING
from ..parts.zoo_images import MAKE, MAKING, can_be_made

_NEIGHBOURS = 6


def detail_html(collection: Collection, name: str, repo_id: str | None) -> str:
    """The whole page; ``repo_id`` is the Hub repository that the registry comes from, if any. Raises NotFound."""
    card = collection.card(name)
    parts = [
        f"<p>{rich(said('<a>‹ Gallery</a>'), a=link('./gallery'))}</p>",
        f'<h1 class="fp-verdict">{text(card.label)}</h1>{_making(collection, name)}',
        f'<div class="fp-detail"><div>{_cover(collection, name)}</div><div>{_card(card, collection)}</div></div>',
        _strip(collection, name),
        _taken_for(collection, name),
        _neighbours(collection, name),
        _provenance(collection, card, repo_id),
    ]
    return f'<article data-generator="{text(collection.name)}/{text(name)}">{"".join(parts)}</article>'


def _making(collection: Collection, name: str) -> str:
    """The way down to where the generator makes images, if it can."""
    here = {"generator": f"{collection.name}/{name}"}
    place = f"{generator_link(collection.name, name)}#{MAKING}"
    return f'<p class="fp-lead"><a href="{text(place)}">{text(MAKE)}</a></p>' if can_be_made(here) else ""


def _cover(collection: Collection, name: str) -> str:
    if SPACE not in collection.references:
        return ""
    shown = figure(mean_artifact(collection, name, said("Mean artifact")))
    spectrum = stored_spectrum(collection, name)
    if spectrum:
        shown += figure(spectrum)
    return f'<div class="fp-pair">{shown}</div>'


def _card(card: Card, collection: Collection) -> str:
    return facts(
        {
            said("Name"): card.name,
            said("Made by"): card.maker,
            said("Family"): card.family,
            said("Version"): card.version,
            said("Image decoder"): card.decoder,
            said("Year"): card.year,
            **{key_label(key): value for key, value in sorted(card.design.items())},
            said("Samples"): said(
                "{samples}, from {contents} different prompts or seeds",
                **{"samples": Grouped(card.samples), "contents": Grouped(card.contents)},
            ),
            said("Collection"): collection.title,
            said("Licence"): card.licence,
            said("Samples from"): card.source,
            said("To keep in mind"): card.caveats,
            said("Described at"): card.described,
            said("Added by"): card.contributor,
        }
    )


def _strip(collection: Collection, name: str) -> str:
    if SPACE not in collection.references:
        return ""
    artifacts = explained(said("Artifacts"), MEANING["artifact"])
    heading = f"<h2>{rich(said('{artifacts} of six of its images'), artifacts=artifacts)}</h2>"
    note = said("On one scale. What they share is the fingerprint; what differs is noise.")
    return (
        f'{heading}<p class="fp-small">{text(note)}</p>'
        + f'<div class="fp-strip">{figures(artifact_strip(collection, name))}</div>'
    )


def _taken_for(collection: Collection, name: str) -> str:
    """Confusion: the generator itself, a real photo, and whom else its images are taken for."""
    found = confusion(collection, name)
    if not found.artifacts:
        return ""
    shown = {name: 0.0, REAL: 0.0, **dict(list(found.shares.items())[:_NEIGHBOURS])}
    ranked = sorted(shown, key=lambda candidate: -found.shares.get(candidate, 0.0))
    rows = "".join(_share(collection, candidate, found.shares.get(candidate, 0.0), name) for candidate in ranked)
    note = said(
        "Of its {artifacts} stored artifacts, each looked at without itself. This is the likeliest candidate of each; "
        "the answer on a single picture is “unknown” when that candidate is not sure enough.",
        artifacts=found.artifacts,
    )
    title = text(said("What its images are taken for"))
    return f'<h2>{title}</h2><p class="fp-small">{text(note)}</p><ul class="fp-bars">{rows}</ul>'


def _share(collection: Collection, candidate: str, share: float, own: str) -> str:
    label = text(candidate_label(candidate, collection.cards))
    if candidate not in (own, REAL):
        label = f'<a href="{text(generator_link(collection.name, candidate))}">{label}</a>'
    shown = text(said("< 1 %") if 0 < share < 0.01 else said("{share} %", share=f"{100 * share:.0f}"))
    return _bar(label, share, shown, "best" if candidate == own else "other")


def _neighbours(collection: Collection, name: str) -> str:
    ranked = similar(collection, name)[:_NEIGHBOURS]
    if not ranked:
        return ""
    own, farthest = collection.card(name).decoder, max(distance for _, distance in ranked)
    rows = "".join(_neighbour(collection, name, other, distance, farthest, own) for other, distance in ranked)
    note = said(
        "Nearest first: a short bar is near. The distance is between mean artifacts, in units of how much the images "
        "of one generator vary. <a>See them all on the map</a>."
    )
    shown = rich(note, a=link(address(view="map", collection=collection.name)))
    title = text(said("Similar generators"))
    return f'<h2>{title}</h2><p class="fp-small">{shown}</p><ul class="fp-bars">{rows}</ul>'


def _neighbour(collection: Collection, name: str, other: str, distance: float, farthest: float, own: str) -> str:
    card = collection.card(other)
    beside = address(view="compare", collection=collection.name, one=name, other=other)
    aria = said("compare with {generator}", generator=card.label)
    same = own and card.decoder == own
    compare = rich(
        said("same decoder, <a>compare</a>") if same else said("<a>compare</a>"),
        a=link(beside, f' aria-label="{text(aria)}"'),
    )
    label = (
        f'<a href="{text(generator_link(collection.name, other))}">{text(card.label)}</a><br><span class="fp-small">'
        f"{compare}</span>"
    )
    return _bar(label, distance / max(farthest, 1e-9), number(distance, 3), "other")


def _bar(label: str, length: float, value: str, kind: str) -> str:
    """``label`` is HTML; ``length`` from 0 to 1."""
    return (
        f'<li class="fp-bar fp-{kind}"><span class="fp-name">{label}</span><span class="fp-track" aria-hidden="true">'
        f'<span style="width:{100 * length:.1f}%"></span></span><span class="fp-share">{value}</span></li>'
    )


def _provenance(collection: Collection, card: Card, repo_id: str | None) -> str:
    computed = said(
        "Computed from {samples} samples, against the reference {reference} of this collection. Digest of the samples: "
        "<code>{digest}</code>.",
        samples=Grouped(card.samples),
        reference=collection.reference_digest(collection.spaces[0])[:12],
        digest=card.samples_digest[:16] or said("not recorded"),
    )
    return (
        f"<h2>{text(said('Where it comes from'))}</h2>"
        f'<p class="fp-small">{rich(computed, code=CODE)}</p>'
        f'<p class="fp-small">{removal_html(repo_id, collection.name, card.name)}</p>'
    )
