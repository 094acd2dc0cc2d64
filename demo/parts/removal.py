"""How to ask for the removal of a generator: where its registry is published, and on the command line."""

from __future__ import annotations

from registry.hub.client import Hub, HubError

from .html import text


def removal_html(repo_id: str | None, collection: str = "COLLECTION", name: str = "NAME") -> str:
    """``repo_id``: the Hub repository that the registry comes from, None when it comes from none."""
    command = f"python -m registry remove {name} --collection {collection}"
    own = f"Whoever runs this registry takes it out with <code>{text(command)}</code>."
    page = _discussions(repo_id) if repo_id else None
    if page is None:
        return f"Ask whoever runs this registry. {own} What you have just added yourself, you can undo on the page."
    link = f'<a href="{text(page)}" rel="noopener noreferrer">the discussions page of {text(str(repo_id))}</a>'
    return f"To have it removed for everybody, ask on {link}. {own}"


def _discussions(repo_id: str) -> str | None:
    """The page of all discussions, which is one step above the page of each."""
    try:
        return Hub(repo_id).url(1).rpartition("/")[0]
    except HubError:  # an id that is none
        return None
