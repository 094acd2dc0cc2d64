"""How to ask for the removal of a generator: where its registry is published, and on the command line."""

from __future__ import annotations

from fingerprints.sentence import said
from registry.hub.client import Hub, HubError

from .html import CODE, link, rich


def removal_html(repo_id: str | None, collection: str = "COLLECTION", name: str = "NAME") -> str:
    """``repo_id``: the Hub repository that the registry comes from, None when it comes from none."""
    command = f"python -m registry remove {name} --collection {collection}"
    page = _discussions(repo_id) if repo_id else None
    if page is None:
        own = said(
            "Ask whoever runs this registry. Whoever runs this registry takes it out with <code>{command}</code>. What "
            "you have just added yourself, you can undo on the page.",
            command=command,
        )
        return rich(own, code=CODE)
    everybody = said(
        "To have it removed for everybody, ask on <a>the discussions page of {repository}</a>. Whoever runs this "
        "registry takes it out with <code>{command}</code>.",
        **{"repository": repo_id, "command": command},
    )
    return rich(everybody, a=link(page, ' rel="noopener noreferrer"'), code=CODE)


def _discussions(repo_id: str) -> str | None:
    """The page of all discussions, which is one step above the page of each."""
    try:
        return Hub(repo_id).url(1).rpartition("/")[0]
    except HubError:  # an id that is none
        return None
