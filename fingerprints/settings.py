"""What the owner sets by environment variables: all of this program are read here, and nowhere else.

The command line and the app read them once, at the start, and hand them down. Where that cannot be (a space in a worker
process, a collection that is opened anywhere) they are read when they are needed. Light to import.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path

from .errors import UserError

REGISTRY, DATA_HOME, REPO = "FINGERPRINT_REGISTRY", "XDG_DATA_HOME", "FINGERPRINT_REPO"
STRICTNESS, DATA_SETS, ENCODERS = "FINGERPRINT_STRICTNESS", "FINGERPRINT_DATA_SETS", "FINGERPRINT_ENCODERS"
CONTRIBUTIONS, CONTRIBUTION_TOKEN = "FINGERPRINT_CONTRIBUTIONS", "FINGERPRINT_CONTRIBUTION_TOKEN"
OWNER_TOKEN, PROXIES, MCP = "FINGERPRINT_OWNER_TOKEN", "FINGERPRINT_PROXIES", "FINGERPRINT_MCP"
LINKS, LINK_DAYS, LINK_BYTES = "FINGERPRINT_LINKS", "FINGERPRINT_LINK_DAYS", "FINGERPRINT_LINK_BYTES"
TRUST_LIST = "FINGERPRINT_TRUST_LIST"  # a file of certificates (PEM) to which those of trusted signers lead back
SPACE, HUB = "SPACE_ID", "HF_ENDPOINT"  # of Hugging Face
STEPS = ("strict", "standard", "lax")  # those of attribution.verdict, which takes long to import
POLICIES = ("direct", "open", "token", "closed")
MOST_LINKS, DAYS_OF_A_LINK, BYTES_OF_A_LINK = 500, 30, 1_000_000  # unless the owner says otherwise
STORAGE = Path("/data")  # of a Space that has persistent storage; everything else there is gone at a restart


class SettingError(UserError, ValueError):
    """A variable holds something else than it may; the text says what works."""


def _set_by(variable: str, secret: bool = False) -> str:
    found: str = field(default="", repr=not secret, metadata={"variable": variable})
    return found


@dataclass(frozen=True)
class Settings:
    """The variables as they are, "" where one is not set; what they mean is said by the properties, which raise
    SettingError, so that a wrong word harms only what asks for it.

    ``repo``: the Hub repository to follow; ``hub``: where the Hub is, if not at its usual address; ``encoders``: the
    folder of the weights of large learned spaces, if not the Hub; ``trust_list``: the signers of Content Credentials
    that the owner trusts. The tokens are secrets.
    """

    registry: str = _set_by(REGISTRY)
    data_home: str = _set_by(DATA_HOME)
    repo: str = _set_by(REPO)
    strictness: str = _set_by(STRICTNESS)
    contributions: str = _set_by(CONTRIBUTIONS)
    contribution_token: str = _set_by(CONTRIBUTION_TOKEN, secret=True)
    owner_token: str = _set_by(OWNER_TOKEN, secret=True)
    data_sets: str = _set_by(DATA_SETS)
    proxies: str = _set_by(PROXIES)
    space: str = _set_by(SPACE)
    hub: str = _set_by(HUB)
    encoders: str = _set_by(ENCODERS)
    trust_list: str = _set_by(TRUST_LIST)
    mcp: str = _set_by(MCP)
    links: str = _set_by(LINKS)
    days_of_a_link: str = _set_by(LINK_DAYS)
    bytes_of_a_link: str = _set_by(LINK_BYTES)

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """From the environment as it is now."""
        found = os.environ if environment is None else environment
        return cls(**{one.name: found.get(one.metadata["variable"], "") for one in fields(cls)})

    @property
    def folder(self) -> Path:
        """Of the registry: the one that is named, else that in the storage of a Space, else that in the user's data
        folder."""
        if self.registry:
            return Path(self.registry)
        if self.on_a_space and _is_ours(STORAGE):
            return STORAGE / "registry"
        base = Path(self.data_home) if self.data_home else Path.home() / ".local" / "share"
        return base / "manifpt" / "registry"

    @property
    def step(self) -> str | None:
        """How much must be proved before something is said, if the owner says so; else a collection decides."""
        if self.strictness and self.strictness not in STEPS:
            raise SettingError(f"${STRICTNESS} is {self.strictness!r}; it may be {', '.join(STEPS)}.")
        return self.strictness or None

    @property
    def policy(self) -> str:
        """Who may contribute: one of "direct", "open", "token" and "closed" (see registry.contributions.submit). On a
        Space anybody can come by, so that what they give waits for the owner unless it is said otherwise."""
        chosen = self.contributions or ("open" if self.on_a_space else "direct")
        if chosen not in POLICIES:
            raise SettingError(f"${CONTRIBUTIONS} is {chosen!r}; it may be {', '.join(POLICIES)}.")
        if chosen == "token" and not self.contribution_token:
            raise SettingError(f"${CONTRIBUTIONS} is 'token', so ${CONTRIBUTION_TOKEN} must say which; it is not set.")
        return chosen

    @property
    def has_owner(self) -> bool:
        """Whether there is somebody else than who sits here to ask."""
        return bool(self.owner_token)

    @property
    def takes_data_sets(self) -> bool:
        """Whether visitors may name data sets, which this server then reads from the Hub."""
        return self.data_sets == "1"

    @property
    def serves_mcp(self) -> bool:
        """Whether assistants may ask by the Model Context Protocol, which needs a package that the app does not."""
        if self.mcp not in ("", "0", "1"):
            raise SettingError(f"${MCP} is {self.mcp!r}; it may be 1.")
        if self.mcp == "1" and find_spec("mcp") is None:
            raise SettingError(
                f"${MCP} is 1, and the package that this needs is not installed: pip install -r requirements-mcp.txt."
            )
        return self.mcp == "1"

    @property
    def on_a_space(self) -> bool:
        """Whether this is a Space of Hugging Face: a public server, whose disk is gone at a restart."""
        return bool(self.space)

    @property
    def forgets(self) -> bool:
        """Whether what is added here is gone at a restart: on a Space, unless it lies in the storage."""
        return self.on_a_space and not self.folder.is_relative_to(STORAGE)

    @property
    def trusted_proxies(self) -> int:
        """How many proxies of ours stand before this server; a Space has one."""
        return _whole_number(PROXIES, self.proxies, int(self.on_a_space))

    @property
    def most_links(self) -> int:
        """How many answers are kept at a time for visitors who ask for a link; none where a restart would lose them,
        unless the owner says otherwise."""
        return _whole_number(LINKS, self.links, 0 if self.forgets else MOST_LINKS)

    @property
    def link_days(self) -> int:
        """For how many days each is kept."""
        return _whole_number(LINK_DAYS, self.days_of_a_link, DAYS_OF_A_LINK)

    @property
    def link_bytes(self) -> int:
        """How large each may be."""
        return _whole_number(LINK_BYTES, self.bytes_of_a_link, BYTES_OF_A_LINK)

    def check(self) -> None:
        """Raises SettingError for the first variable that holds something else than it may."""
        _ = self.step, self.policy, self.trusted_proxies, self.serves_mcp
        _ = self.most_links, self.link_days, self.link_bytes


def _whole_number(variable: str, value: str, unless_set: int) -> int:
    if value and not (value.isascii() and value.isdigit()):
        raise SettingError(f"${variable} is {value!r}; it may be a whole number.")
    return int(value) if value else unless_set


def _is_ours(folder: Path) -> bool:
    """Whether there is such a folder, and we may write there."""
    return folder.is_dir() and os.access(folder, os.W_OK)
