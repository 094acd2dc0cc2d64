"""Which function answers which request. Paths are matched raw, because revisions arrive as one encoded segment."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from ..repositories.errors import HubError, no_repository
from ..repositories.exchange import Answer, Call
from . import reading, settings, talking, uploads

Route = Callable[[Call], Answer]

_PIECES = {"repo": r"[^/]+/[^/]+?", "revision": "[^/]+", "path": ".+", "name": "[^/]+", "num": "[0-9]+"}


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", lambda found: f"(?P<{found[1]}>{_PIECES[found[1]]})", pattern))


_ROUTES = [
    (method, _compiled(pattern), route)
    for method, pattern, route in [
        ("GET", "/api/whoami-v2", reading.whoami),
        ("GET", "/datasets/{repo}/resolve/{revision}/{path}", reading.resolve),
        ("GET", "/api/datasets/{repo}", reading.info),
        ("GET", "/api/datasets/{repo}/revision/{revision}", reading.info),
        ("GET", "/api/datasets/{repo}/tree/{revision}", reading.tree),
        ("GET", "/api/datasets/{repo}/tree/{revision}/{path}", reading.tree),
        ("POST", "/api/datasets/{repo}/paths-info/{revision}", reading.paths_info),
        ("GET", "/api/datasets/{repo}/refs", reading.references),
        ("GET", "/api/datasets/{repo}/commits/{revision}", reading.commits),
        ("POST", "/api/repos/create", settings.create),
        ("DELETE", "/api/repos/delete", settings.delete),
        ("POST", "/api/validate-yaml", settings.validate_yaml),
        ("POST", "/api/datasets/{repo}/preupload/{revision}", uploads.preupload),
        ("POST", r"/datasets/{repo}\.git/info/lfs/objects/batch", uploads.lfs_batch),
        ("PUT", "/lfs/{repo}/{name}", uploads.lfs_put),
        ("POST", "/lfs/{repo}/{name}/verify", uploads.lfs_verify),
        ("POST", "/api/datasets/{repo}/commit/{revision}", uploads.commit),
        ("POST", "/api/datasets/{repo}/branch/{name}", settings.create_branch),
        ("DELETE", "/api/datasets/{repo}/branch/{name}", settings.delete_branch),
        ("POST", "/api/datasets/{repo}/tag/{revision}", settings.create_tag),
        ("DELETE", "/api/datasets/{repo}/tag/{name}", settings.delete_tag),
        ("GET", "/api/datasets/{repo}/discussions", talking.listing),
        ("POST", "/api/datasets/{repo}/discussions", talking.open_discussion),
        ("GET", "/api/datasets/{repo}/discussions/{num}", talking.details),
        ("POST", "/api/datasets/{repo}/discussions/{num}/comment", talking.comment),
        ("POST", "/api/datasets/{repo}/discussions/{num}/status", talking.change_status),
        ("POST", "/api/datasets/{repo}/discussions/{num}/title", talking.rename),
        ("POST", "/api/datasets/{repo}/discussions/{num}/merge", talking.merge),
    ]
]


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The function for a request and the decoded pieces of its path. HEAD is a GET whose body is not sent."""
    wanted = "GET" if method == "HEAD" else method
    for known, pattern, route in _ROUTES:
        if known == wanted and (found := pattern.fullmatch(path)):
            return route, {name: unquote(piece) for name, piece in found.groupdict().items()}
    if path.startswith(("/api/models/", "/api/spaces/")):
        raise no_repository()  # the double holds data sets alone
    raise HubError(404, f"The double has no route for {method} {path}")
