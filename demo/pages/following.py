"""A followed repository in words: what its follower is doing, how far it is, and how the last time went."""

from __future__ import annotations

from fingerprints.sentence import Grouped, Sentence, said
from registry.hub.follow import State
from registry.hub.sync import Progress, Synced

from ..language.telling import joined, separated
from ..parts.html import facts, problem, size, text, when, working

_TRIED_AGAIN = said("What was in use before still is. It is tried again by itself every few minutes.")


def following_html(state: State) -> str:
    """``state`` at one moment."""
    parts = [f"<h2>{text(said('Following {repository}', repository=state.repo_id))}</h2>", _activity(state)]
    if state.error is not None:
        trouble = joined([_sentence(state.error), _TRIED_AGAIN])
        parts.append(problem(trouble, said("The last sync did not work.")))
    if state.synced is not None and state.time is not None:
        parts.append(facts({said("Last success"): when(state.time), said("It brought"): _brought(state.synced)}))
    return f'<section data-activity="{text(state.activity)}">{"".join(parts)}</section>'


def _activity(state: State) -> str:
    if state.activity == "stopped":
        return f'<p role="status">{text(said("The app no longer looks for new revisions."))}</p>'
    if state.activity == "idle":
        never = state.synced is None and state.error is None
        waiting = said("Waiting for the first sync.") if never else said("Waiting for the next turn.")
        return f'<p role="status">{text(waiting)}</p>'
    if state.progress is None:
        return working(said("Asking what is new …"))
    return working(_progress(state.progress)) + _bar(state.progress)


def _progress(progress: Progress) -> Sentence:
    return said(
        "Syncing: {files} of {all} files, {came} of {size}, {rate} a second …",
        **{"files": progress.files, "all": progress.files_total},
        **{"came": size(progress.bytes), "size": size(progress.bytes_total), "rate": size(progress.rate)},
    )


def _bar(progress: Progress) -> str:
    value, most = progress.bytes, max(progress.bytes_total, 1)
    return f'<progress aria-label="{text(said("Bytes that came"))}" value="{value}" max="{most}"></progress>'


def _brought(synced: Synced) -> str:
    if not synced.changed:
        return said("nothing new: commit {commit} was in use already", commit=synced.origin.commit[:12])
    came = {"commit": synced.origin.commit[:12], "files": synced.files, "bytes": Grouped(synced.bytes)}
    if not synced.kept:
        return said("commit {commit}: {files} files, {bytes} bytes", **came)
    kept = separated(synced.kept)
    return said("commit {commit}: {files} files, {bytes} bytes; added here and kept on top: {kept}", **came, kept=kept)


def _sentence(reason: str) -> str:
    """The registry's reasons begin small and may end without a full stop."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
