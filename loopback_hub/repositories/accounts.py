"""Who may do what. A token belongs to an account and either writes or only reads, as on the Hub."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import bad_token, forbidden, no_repository, no_token
from .repository import Repository


@dataclass(frozen=True)
class Account:
    """The holder of one token."""

    name: str
    writes: bool


OWNER_TOKEN, READER_TOKEN, CONTRIBUTOR_TOKEN = "hf_owner", "hf_owner_reads", "hf_contributor"
ACCOUNTS = {
    OWNER_TOKEN: Account("owner", writes=True),
    READER_TOKEN: Account("owner", writes=False),
    CONTRIBUTOR_TOKEN: Account("contributor", writes=True),
}


def authenticated(authorization: str | None) -> Account | None:
    """The account of an Authorization header, None without one; 401 for a token that nobody holds."""
    if authorization is None:
        return None
    account = ACCOUNTS.get(authorization.removeprefix("Bearer "))
    if account is None:
        raise bad_token()
    return account


def check_reads(account: Account | None, repository: Repository | None) -> Repository:
    """The repository, if this account may know of it."""
    if repository is None or (repository.private and (account is None or account.name != repository.owner)):
        raise no_token() if account is None else no_repository()
    return repository


def check_proposes(account: Account | None) -> Account:
    """Discussions and pull requests: anybody who may read, with a token that writes."""
    if account is None:
        raise no_token()
    if not account.writes:
        raise forbidden("Your token is read-only: this needs a token with the role write")
    return account


def check_writes(account: Account | None, owner: str, hint: str = "") -> Account:
    """Whatever changes the repository itself: its owner, with a token that writes."""
    account = check_proposes(account)
    if account.name != owner:
        raise forbidden(f"You have no rights to write to this repository{hint}")
    return account
