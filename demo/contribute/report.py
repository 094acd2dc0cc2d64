"""A contribution in words: what was found in the files, how far it is, and what the fingerprint is worth."""

from __future__ import annotations

from collections.abc import Sequence

from registry.contributions.report import Report
from registry.intake.samples import Unreadable
from registry.storage.snapshot import Collection

from ..parts.design import design_html
from ..parts.figures import SPACE, mean_artifact_of
from ..parts.html import figures, generator_link, sentences, text, working
from .contribution import Look, Prepared, Progress, Published

STEPS = ("Samples", "Report", "Card", "Done")
_NAMED = 8


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
    what = f"{files} file{'' if files == 1 else 's'} given. " if files else "The data set was found. "
    what += f"The first images are {sizes} pixels." if sizes else "None of the first images can be used."
    none = "" if look.collection or not sizes else " No collection covers this size."
    return f'<p role="status">{text(what + none)}</p>{unreadable_html(look.unreadable)}'


def unreadable_html(unreadable: Sequence[Unreadable]) -> str:
    lines = [item.reason for item in unreadable[:_NAMED]]
    if len(unreadable) > _NAMED:
        lines.append(f"… and {len(unreadable) - _NAMED} more.")
    return sentences(lines, "fp-warnings")


def progress_html(progress: Progress) -> str:
    aside = f", {progress.unreadable} not usable" if progress.unreadable else ""
    aside += f", {progress.duplicates} exact copies" if progress.duplicates else ""
    of = f" of {progress.total:,}" if progress.total else ""
    rate = f", {progress.rate:.0f} a second" if progress.done else ""
    left = "" if progress.left is None else f", about {_duration(progress.left)} left"
    return working(f"{progress.done:,}{of} images done{aside}{rate}{left} …")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def report_html(prepared: Prepared, collection: Collection) -> str:
    """The quality report. Shares are of its own images, each scored by a mean that it is not part of."""
    report = prepared.draft.report
    advice = sentences(report.advice, "fp-warnings") or "<p>Nothing speaks against adding it.</p>"
    found = sentences(_findings(report, collection, prepared.seconds))
    design = design_html(prepared.speaks_for(collection))
    words = f"<h2>{text(_verdict(report))}</h2>{found}{advice}{unreadable_html(prepared.unreadable)}{design}"
    return (
        f'<section id="report" class="fp-detail"><div>{words}</div>'
        f"<div>{_pictures(prepared, collection)}</div></section>"
    )


def done_html(published: Published, label: str) -> str:
    link = generator_link(published.collection, published.name)
    return (
        f'<section id="done"><h2>{text(label)} is in the registry. It answers now.</h2>'
        f'<p><a href="./">Identify an image</a> · <a href="{text(link)}">See its page in the gallery</a></p></section>'
    )


def waiting_html(published: Published) -> str:
    return (
        f'<section id="done" data-waiting="{text(published.waiting)}">'
        f"<h2>{text(published.name)} waits for the owner of this registry.</h2>"
        "<p>It is kept, and becomes part of the answers when it is accepted. Until then you can take it back. "
        f"Its number: <code>{text(published.waiting)}</code></p></section>"
    )


def _verdict(report: Report) -> str:
    """By what an answer will say: a fingerprint that is recognised and hardly ever named is of little use."""
    if report.named >= 0.6:
        return "A clear fingerprint."
    return "A usable fingerprint." if report.named + report.in_a_set >= 0.5 else "A weak fingerprint."


def _findings(report: Report, collection: Collection, seconds: float) -> list[str]:
    lines = [
        f"{report.samples:,} images of {report.contents:,} different contents were used ({seconds:.0f} s).",
        f"Left out and looked at as if new, {report.recognised:.0%} of them look most like this generator.",
        report.outlook,
    ]
    if report.nearest is not None:
        label = collection.cards[report.nearest].label
        lines.append(f"{report.nearest_share:.0%} look more like {label}, the nearest known generator.")
    if report.looks_real:
        lines.append(f"{report.looks_real:.0%} look more like real photos.")
    return lines


def _pictures(prepared: Prepared, collection: Collection) -> str:
    fingerprint = prepared.draft.fingerprints.get(SPACE)
    if fingerprint is None:
        return ""
    reference, crop = collection.references[SPACE], collection.form.crop
    shown = mean_artifact_of(fingerprint.mean, reference, crop, "Its mean artifact", fingerprint.samples)
    return figures([shown])
