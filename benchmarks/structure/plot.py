"""Two drawings of the structure of fingerprints, as SVG that any browser shows and a diff can read: map and tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_PANEL, _GAP, _TOP, _LINE = 300, 24, 30, 15
_TREE, _LABEL, _ROW, _CELL = 330, 300, 14, 14
_STYLE = "font-family:sans-serif;font-size:11px;fill:#333"
_NEUTRAL = "#d5d9e0"
# Okabe and Ito's colours, which stay apart for people who see fewer.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a7f00", "#000000")


def design_map(
    places: Sequence[Sequence[float]], names: Sequence[str], axes: Mapping[str, Mapping[str, str]], title: str
) -> str:
    """The same map (g places) once for each axis, coloured by its levels (axis -> name -> level)."""
    rows = max(len(set(level.values())) for level in axes.values())
    width = _GAP + len(axes) * (_PANEL + _GAP)
    height = _TOP + _PANEL + _LINE * (rows + 1)
    lines = _begin(width, height, title)
    spots = _scaled(places)
    for number, (axis, level) in enumerate(axes.items()):
        left = _GAP + number * (_PANEL + _GAP)
        colour = colours(level)
        lines += [
            f'<text x="{left}" y="18" font-weight="bold">{escape(axis)}</text>',
            f'<rect x="{left}" y="{_TOP}" width="{_PANEL}" height="{_PANEL}" fill="none" stroke="#ccc"/>',
        ]
        for name, (x, y) in sorted(zip(names, spots, strict=True), key=lambda item: item[0] in level):
            fill, text = colour.get(level.get(name, ""), _NEUTRAL), escape(f"{name}: {level.get(name, 'not known')}")
            lines.append(
                f'<circle cx="{left + x:.1f}" cy="{_TOP + y:.1f}" r="5" fill="{fill}"><title>{text}</title></circle>'
            )
        for row, (one, fill) in enumerate(colour.items()):
            y = _TOP + _PANEL + _LINE * (row + 1)
            lines.append(f'<circle cx="{left + 6}" cy="{y - 4}" r="4" fill="{fill}"/>')
            lines.append(f'<text x="{left + 16}" y="{y}">{escape(one)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def dendrogram(
    linkage: Sequence[Sequence[float]], names: Sequence[str], axes: Mapping[str, Mapping[str, str]], title: str
) -> str:
    """Ward's tree (g - 1 merges), leaves below each other, with a column of coloured cells for each axis."""
    order = _leaves(linkage, len(names))
    height = _TOP + _ROW * len(names) + 10
    lines = _begin(_TREE + 8 + _CELL * len(axes) + 8 + _LABEL, height, title)
    lines.append(f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>')
    lines += _branches(linkage, order)
    for row, leaf in enumerate(order):
        y = _TOP + _ROW * row
        for column, (axis, level) in enumerate(axes.items()):
            fill = colours(level).get(level.get(names[leaf], ""), "#fff")
            text = escape(f"{axis}: {level.get(names[leaf], 'not known')}")
            lines.append(
                f'<rect x="{_TREE + 8 + _CELL * column}" y="{y + 1}" width="{_CELL - 2}" height="{_ROW - 2}" '
                f'fill="{fill}"><title>{text}</title></rect>'
            )
        lines.append(f'<text x="{_TREE + 16 + _CELL * len(axes)}" y="{y + 11}">{escape(names[leaf])}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def colours(level: Mapping[str, str]) -> dict[str, str]:
    """A colour for each level of an axis, in alphabetical order; past eight levels they repeat."""
    return {one: _COLOURS[i % len(_COLOURS)] for i, one in enumerate(sorted(set(level.values())))}


def _begin(width: int, height: int, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" style="{_STYLE}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]


def _scaled(places: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Into the panel, one scale for both directions."""
    middles = [(max(p[i] for p in places) + min(p[i] for p in places)) / 2 for i in (0, 1)]
    reach = max(abs(p[i] - middles[i]) for p in places for i in (0, 1)) or 1.0
    half = _PANEL / 2
    return [
        (half + (half - 14) * (p[0] - middles[0]) / reach, half - (half - 14) * (p[1] - middles[1]) / reach)
        for p in places
    ]


def _leaves(linkage: Sequence[Sequence[float]], count: int) -> list[int]:
    """The leaves as they stand below each other."""
    below: dict[int, list[int]] = {leaf: [leaf] for leaf in range(count)}
    for number, (left, right, *_) in enumerate(linkage):
        below[count + number] = below[int(left)] + below[int(right)]
    return below[count + len(linkage) - 1]


def _branches(linkage: Sequence[Sequence[float]], order: Sequence[int]) -> list[str]:
    """One path a merge; a branch's length is its distance, from the leaves on the right to the left."""
    count = len(order)
    middle = {leaf: _TOP + _ROW * (row + 0.5) for row, leaf in enumerate(order)}
    depth = dict.fromkeys(order, 0.0)
    lines = []
    for number, (left, right, distance, _) in enumerate(linkage):
        y, z = middle[int(left)], middle[int(right)]
        x, a, b = (_x(value, linkage) for value in (distance, depth[int(left)], depth[int(right)]))
        lines.append(f'<path d="M{a:.1f} {y:.1f}H{x:.1f}V{z:.1f}H{b:.1f}" fill="none" stroke="#555"/>')
        middle[count + number], depth[count + number] = (y + z) / 2, distance
    return lines


def _x(distance: float, linkage: Sequence[Sequence[float]]) -> float:
    return _TREE - (_TREE - 10) * distance / (linkage[-1][2] or 1.0)
