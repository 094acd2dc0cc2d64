"""One small drawing: bars with intervals, as SVG that any browser shows and a diff can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _LABELS, _ROW, _TOP = 720, 250, 18, 34
_STYLE = "font-family:sans-serif;font-size:11px;fill:#333"


def bars(title: str, values: Sequence[tuple[str, Mapping[str, float]]], chance: float) -> str:
    """Horizontal bars from 0 to 1 of (name, {"value", "low", "high"}); a dashed line marks chance."""
    height = _TOP + _ROW * len(values) + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" style="{_STYLE}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LABELS}" y="16" font-weight="bold">{escape(title)}: balanced accuracy</text>',
    ]
    for i, (name, estimate) in enumerate(values):
        y = _TOP + _ROW * i
        middle = y + _ROW / 2
        colour = "#4338ca" if name == "ours" else "#7c8db5" if name.startswith("ManiFPT") else "#b9bfca"
        low, high, value = (_x(estimate[key]) for key in ("low", "high", "value"))
        lines += [
            f'<text x="{_LABELS - 6}" y="{middle + 4:.1f}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_LABELS}" y="{y + 3}" width="{value - _LABELS:.1f}" height="{_ROW - 6}" fill="{colour}"/>',
            f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#111"/>',
            f'<text x="{high + 6:.1f}" y="{middle + 4:.1f}">{estimate["value"]:.3f}</text>',
        ]
    bottom = _TOP + _ROW * len(values)
    lines += [f'<path d="M{_x(chance):.1f} {_TOP - 6}V{bottom}" stroke="#b91c1c" stroke-dasharray="3 3"/>', "</svg>"]
    return "\n".join(lines) + "\n"


def _x(share: float) -> float:
    return _LABELS + (_WIDTH - _LABELS - 60) * share
