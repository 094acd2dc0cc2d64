"""Times as multiples of a floor or a peer of the same run: these may be compared between machines and days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .page import SEEN

WORSE = 1.2  # times an earlier ratio: more is a regression


def ratios_of(figures: Mapping[str, Any]) -> dict[str, float]:
    """Of the figures of one run; each one, the smaller the better."""
    peer = next(value for name, value in figures["peers"].items() if "self-description" in name)
    found = {
        "identify a 512 px image / floor": figures["identify"] / figures["floor"],
        "identify a 512 px image / self-description": figures["identify"] / peer,
        "processor time of a contribution / floor of as many images": figures["contribution"] / figures["floor"],
        "server ready / bare Gradio app ready": figures["ready"] / figures["bare"],
    }
    if figures["page"]:
        found |= {f"{name} on the page / floor": figures["page"][name] / figures["floor"] for name in SEEN}
    return found


def regressions(ratios: Mapping[str, float], earlier: Mapping[str, float]) -> list[str]:
    """A sentence for each ratio that has grown by more than a fifth."""
    return [
        f"{name}: {ratios[name]:.2f}, {ratios[name] / before:.2f} times the earlier {before:.2f}"
        for name, before in earlier.items()
        if name in ratios and ratios[name] > WORSE * before
    ]
