"""Calibrations made before verdicts had levels, in today's terms: they name, or say "real", or say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .bars import NEVER


def in_todays_terms(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Calibration.from_json takes, from the JSON of a calibration, which may be such an older one."""
    if "name_threshold" not in facts:
        return facts
    joint = facts.get("at_once")
    features = 4 * (len(facts["spaces"]) + (joint is not None)) + 2
    margins = [0.0] * features
    margins[: 4 * len(facts["spaces"]) : 4] = facts["real_weights"]
    far, shown, strange = (joint or facts)["unknown_weights"]
    bars = {
        "generated": 1.0 - facts["real_limit"],
        "alone": NEVER,
        "named": facts["name_threshold"],
        "covered": 1.0,
        "known": NEVER,
        "real": facts["real_threshold"],
        "typical": 0.0,
    }
    return {
        "spaces": facts["spaces"],
        "fusion": facts["fusion"],
        "generated": _line(margins, facts["real_bias"]),
        "stranger": _line([far, shown, 0.0], strange),
        "member_distances": facts["member_distances"],
        "real_distances": facts["real_distances"],
        "bars": dict.fromkeys(("strict", "standard", "lax"), bars),
        "stated": {level: {} for level in ("real", "generated", "among", "generator", "unknown")},
        "offsets": facts.get("offsets", {}),
        "at_once": joint and {"weight": joint["weight"], "beside": joint["beside"]},
    }


def _line(weights: list[float], bias: float) -> dict[str, Any]:
    return {"weights": weights, "centre": [0.0] * len(weights), "bias": bias}
