"""Attribution methods of the literature, one paper a file, behind one interface (base.py)."""

from .corvi23 import Corvi23
from .durall20 import Durall20
from .dzanic20 import Dzanic20
from .giudice21 import Giudice21
from .marra18 import Marra18
from .marra19 import Marra19
from .mccloskey18 import McCloskey18
from .nataraj19 import Nataraj19
from .parts.base import Baseline
from .self_descriptions import SelfDescriptions
from .wang20 import Wang20
from .yu19 import Yu19

BASELINES: tuple[type[Baseline], ...] = (
    McCloskey18,
    Nataraj19,
    Durall20,
    Dzanic20,
    Wang20,
    Marra18,
    Marra19,
    Yu19,
    Corvi23,
    Giudice21,
    SelfDescriptions,
)

__all__ = ["BASELINES", "Baseline", *(cls.__name__ for cls in BASELINES)]
