"""A contribution in words: what was found in the files, how far it is, and what the fingerprint is worth."""

from __future__ import annotations

from collections.abc import Sequence

from fingerprints.sentence import Grouped, Sentence, counted, said
from registry.analysis.coverage import with_commas
from registry.contributions.report import Report, in_hundred
from registry.intake.samples import Unreadable
from registry.storage.snapshot import Collection

from ..language.telling import joined
from ..parts.design import design_html
from ..parts.figures import SPACE, mean_artifact_of
from ..parts.html import CODE, figures, generator_link, link, rich, sentences, text, working
from .contribution import Look, Prepared, Progress, Published

STEPS = (said("Samples"), said("Report"), said("Card"), said("Done"))
_NAMED = 8
_NOTHING_AGAINST = said("Nothing speaks against adding it.")


def steps_html(current: int) -> str:
    """The four steps, ``current`` counted from 0."""
    items = "".join(
        f"<li{' aria-current=step' if number == current else ''}{' class=fp-past' if number < current else ''}>"
        f"<span>{number + 1}</span> {text(name)}</li>"
        for number, name in enumerate(STEPS)
    )
    return f'<ol class="fp-steps">{items}</ol>'


def look_html(look: Look, files: int) -> str:
    """What a first look at the files found."""
    sizes = ", ".join(f"{width} × {height}" for width, height in list(look.sizes)[:4])
    found = [
        counted("{number} file given.", "{number} files given.", files) if files else said("The data set was found."),
        said("The first images are {sizes} pixels.", sizes=sizes)
        if sizes
        else said("None of the first images can be used."),
    ]
    if sizes and not look.collection:
        found.append(said("No collection covers this size."))
    return f'<p role="status">{text(joined(found))}</p>{unreadable_html(look.unreadable)}'


def unreadable_html(unreadable: Sequence[Unreadable]) -> str:
    lines = [item.reason for item in unreadable[:_NAMED]]
    if len(unreadable) > _NAMED:
        lines.append(said("… and {number} more.", number=len(unreadable) - _NAMED))
    return sentences(lines, "fp-warnings")


def progress_html(progress: Progress) -> str:
    done, total = Grouped(progress.done), Grouped(progress.total or 0)
    facts = [
        said("{done} of {total} images done", done=done, total=total)
        if total
        else said("{done} images done", done=done)
    ]
    if progress.unreadable:
        facts.append(said("{number} not usable", number=progress.unreadable))
    if progress.duplicates:
        facts.append(said("{number} exact copies", number=progress.duplicates))
    if progress.done:
        facts.append(said("{number} a second", number=f"{progress.rate:.0f}"))
    if progress.left is not None:
        facts.append(_left(progress.left))
    return working(said("{progress} …", progress=with_commas(facts)))


def _left(seconds: float) -> Sentence:
    if seconds < 90:
        return said("about {seconds} s left", seconds=f"{seconds:.0f}")
    return said("about {minutes} minutes left", minutes=f"{seconds / 60:.0f}")


def report_html(prepared: Prepared, collection: Collection) -> str:
    """The quality report. Shares are of its own images, each scored by a mean that it is not part of."""
    report = prepared.draft.report
    advice = sentences(report.advice, "fp-warnings") or f"<p>{text(_NOTHING_AGAINST)}</p>"
    found = sentences(_findings(report, collection, prepared.seconds))
    design = design_html(prepared.predicted_design(collection))
    words = f"<h2>{text(_verdict(report))}</h2>{found}{advice}{unreadable_html(prepared.unreadable)}{design}"
    return (
        f'<section id="report" class="fp-detail"><div>{words}</div>'
        f"<div>{_pictures(prepared, collection)}</div></section>"
    )


def done_html(published: Published, label: str) -> str:
    added = said("{generator} is in the registry and takes part in the answers.", generator=label)
    page = link(generator_link(published.collection, published.name))
    on = rich(said("<a>Identify an image</a> · <page>See its page in the gallery</page>"), a=link("./"), page=page)
    return f'<section id="done"><h2>{text(added)}</h2><p>{on}</p></section>'


def waiting_html(published: Published) -> str:
    waits = said("{name} waits for the owner of this registry.", name=published.name)
    kept = said(
        "It is kept, and becomes part of the answers when it is accepted. Until then you can take it back. Its number: "
        "<code>{number}</code>",
        number=published.waiting,
    )
    return (
        f'<section id="done" data-waiting="{text(published.waiting)}"><h2>{text(waits)}</h2>'
        f"<p>{rich(kept, code=CODE)}</p></section>"
    )


def _verdict(report: Report) -> Sentence:
    """By what an answer will say: a fingerprint that is recognised and hardly ever named is of little use."""
    if report.named >= 0.6:
        return said("A clear fingerprint.")
    usable = report.named + report.in_a_set >= 0.5
    return said("A usable fingerprint.") if usable else said("A weak fingerprint.")


def _findings(report: Report, collection: Collection, seconds: float) -> list[str]:
    used = {"images": Grouped(report.samples), "contents": Grouped(report.contents), "seconds": f"{seconds:.0f}"}
    lines: list[str] = [
        said("{images} images from {contents} different prompts or seeds were used ({seconds} s).", **used),
        said(
            "Asked about as if they were new, {share}% of them look most like this generator.",
            share=in_hundred(report.recognised),
        ),
        report.outlook,
    ]
    if report.nearest is not None:
        near = {"share": in_hundred(report.nearest_share), "generator": collection.cards[report.nearest].label}
        lines.append(said("{share}% look more like {generator}, the nearest known generator.", **near))
    if report.looks_real:
        lines.append(said("{share}% look more like real photos.", share=in_hundred(report.looks_real)))
    return lines


def _pictures(prepared: Prepared, collection: Collection) -> str:
    fingerprint = prepared.draft.fingerprints.get(SPACE)
    if fingerprint is None:
        return ""
    reference, crop = collection.references[SPACE], collection.form.crop
    shown = mean_artifact_of(fingerprint.mean, reference, crop, said("Its mean artifact"), fingerprint.samples)
    return figures([shown])
