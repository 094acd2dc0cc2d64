"""All generators of the zoo, in the order in which they are trained."""

from __future__ import annotations

from .design import AGAIN, DIFFUSION, FIRST, FLOW, SECOND, Design, gans, vaes
from .errors import ZooError

ZOO: tuple[Design, ...] = (*gans(FIRST), *vaes(), DIFFUSION, FLOW, *gans(SECOND), *gans(AGAIN, seed=2))


def design_of(name: str) -> Design:
    """The design of that name. Raises ZooError."""
    for design in ZOO:
        if design.name == name:
            return design
    raise ZooError(f"No generator of the zoo is called {name}; python -m zoo list names all of them.")
