"""Follow: keep a registry at the newest commit of a Hub repository, in the background, for as long as the app runs.

The last good revision serves meanwhile; whatever goes wrong is in ``state``, and is tried again at the next turn.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from fingerprints.errors import UserError
from fingerprints.settings import Settings

from ..storage.audit import now
from ..storage.store import Store
from .client import Hub
from .sync import Progress, Synced, sync

_EVERY = 15 * 60.0  # seconds

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """``activity``: "idle", "syncing" or "stopped". ``progress`` of the sync that runs; ``error`` of the last one,
    None when it went well; ``synced`` at ``time`` (UTC, ISO 8601): the last one that did."""

    repo_id: str
    activity: str = "idle"
    progress: Progress | None = None
    error: str | None = None
    synced: Synced | None = None
    time: str | None = None


class Follower:
    """Syncs ``store`` from a repository at the start and then every 15 minutes. ``taken`` is called after each new
    revision, in the background."""

    def __init__(
        self, store: Store, repo_id: str, every: float = _EVERY, taken: Callable[[], object] = lambda: None
    ) -> None:
        self.state = State(repo_id)
        self._store, self._every, self._taken = store, every, taken
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)

    def start(self) -> Follower:
        self._thread.start()
        return self

    def sync_now(self) -> None:
        """Do not wait for the next turn."""
        self._wake.set()

    def stop(self, timeout: float | None = 10.0) -> None:
        """End; a sync that runs is given up and goes on from there another time."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.clear()
                self._once()
                self._wake.wait(self._every)
        finally:
            self.state = replace(self.state, activity="stopped", progress=None)

    def _once(self) -> None:
        self.state = replace(self.state, activity="syncing")
        error, synced = None, None
        try:
            with closing(sync(self._store, Hub(self.state.repo_id))) as steps:
                for step in steps:
                    if self._stop.is_set():
                        break
                    if isinstance(step, Synced):
                        synced = step
                    else:
                        self.state = replace(self.state, progress=step)
        except (UserError, OSError) as failure:
            error = str(failure)
        except (ValueError, KeyError, TypeError) as failure:
            # an error of this program; the app goes on with what it has, and tries again, but it is to be seen
            _log.exception("the sync of %s failed", self.state.repo_id)
            error = f"{type(failure).__name__}: {failure}"
        self.state = replace(self.state, activity="idle", progress=None, error=error)
        if synced:
            self.state = replace(self.state, synced=synced, time=now())
            if synced.changed:
                self._taken()


def follower_of(settings: Settings, store: Store, taken: Callable[[], object] = lambda: None) -> Follower | None:
    """A follower of the repository that the owner names, None where none is."""
    return Follower(store, settings.repo, taken=taken) if settings.repo else None
