"""Which commit of which Hub repository a revision came from; kept beside the revisions, in origins/<id>.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from fingerprints.files import write_atomically

from .files import as_known, canonical_json, read_json

LOCAL = "local"


@dataclass(frozen=True)
class Origin:
    """``repo_id`` at ``commit``, asked for as ``asked`` (None: the newest) at ``time`` (UTC, ISO 8601).

    ``base`` is the revision with exactly that content: a revision that carries this origin under another id has
    been changed here since.
    """

    repo_id: str
    commit: str
    asked: str | None
    time: str
    base: str

    def label(self, revision: str) -> str:
        """What an answer says of where it came from: owner/name@commit, with "+local" after changes made here."""
        return f"{self.repo_id}@{self.commit}" + ("" if revision == self.base else "+local")


def read_origin(revision: Path) -> Origin | None:
    """Of a revision's folder; None for one that was made here or came with the program."""
    path = origin_path(revision)
    if not path.exists():
        return None
    with as_known(f"the origin of {revision.name} is not as this version knows it"):
        return Origin(**read_json(path))


def write_origin(revision: Path, origin: Origin) -> None:
    path = origin_path(revision)
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, canonical_json(asdict(origin)))


def origin_path(revision: Path) -> Path:
    return revision.parent.parent / "origins" / f"{revision.name}.json"
