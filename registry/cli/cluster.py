"""The option --cluster of the commands that look at many images."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..intake.cluster import Mapper


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Declare it."""
    help_ = (
        "look at the images on a Dask cluster: its scheduler, such as tcp://host:8786, or "
        '"local" for two processes here'
    )
    parser.add_argument("--cluster", metavar="ADDRESS", help=help_)


def mapper_of(address: str | None) -> AbstractContextManager[Mapper | None]:
    """What looks at them there; None without an address, for in this process."""
    from ..intake.cluster import cluster

    return cluster(address) if address else nullcontext()
