"""A part of the picture, to be answered for alone: the box over it that the visitor moves, and what comes of it."""

from __future__ import annotations

from fingerprints.images.image import Image
from fingerprints.images.surroundings import Box
from fingerprints.sentence import said
from registry.answers.within import LEAST_PART, NoPart

from ..parts.html import text

_EDGES = ("top", "left", "bottom", "right")
_INSET = 8  # an eighth of the picture lies around a box that nothing was found for
_SAYS = said("{width} × {height} pixels, {left} from the left and {top} from the top")
_HOW = said("Drag the frame or its corners, or choose one with Tab and use the arrow keys, with Shift in large steps.")
_MOVED = said("The part that is answered for: arrow keys move it")
_CORNERS = {
    "top left": said("Top left corner of the part"),
    "top right": said("Top right corner of the part"),
    "bottom left": said("Bottom left corner of the part"),
    "bottom right": said("Bottom right corner of the part"),
}

# The box is kept in the picture's pixels; whatever is drawn anew in the place of this HTML is given the box again.
CROPPING = """
let box = null, about = '', begun = null, dragged = null;
const STEP = 1, LARGE = 32;
const cut = () => element.querySelector('[data-cut]');
const facts = () => ({width: +cut().dataset.width, height: +cut().dataset.height, least: +cut().dataset.least});
const clamp = (value, least, most) => Math.min(Math.max(Math.round(value), least), most);
const draw = () => {
  const {width, height} = facts(), frame = cut().querySelector('.fp-box'), output = cut().querySelector('output');
  const [top, left, bottom, right] = box;
  Object.assign(frame.style, {top: `${100 * top / height}%`, left: `${100 * left / width}%`,
    height: `${100 * (bottom - top) / height}%`, width: `${100 * (right - left) / width}%`});
  const values = {width: right - left, height: bottom - top, left, top};
  output.textContent = output.dataset.says.replace(/\\[(\\w+)\\]/g, (_, name) => values[name]);
};
const begin = () => {
  if (!cut() || (begun === cut() && about === cut().dataset.cut)) return;
  begun = cut();
  if (about !== cut().dataset.cut) {
    about = cut().dataset.cut;
    box = JSON.parse(cut().dataset.box);
  }
  draw();
};
// Where of it: an edge moves alone, or the whole box when none is named.
const moved = (from, name, down, across) => {
  const {width, height, least} = facts(), next = [...from];
  const spans = [['top', 'bottom', down, height], ['left', 'right', across, width]];
  spans.forEach(([first, last, by, all], axis) => {
    if (name.includes(first)) next[axis] = clamp(from[axis] + by, 0, from[axis + 2] - least);
    else if (name.includes(last)) next[axis + 2] = clamp(from[axis + 2] + by, from[axis] + least, all);
    else {
      const size = from[axis + 2] - from[axis];
      next[axis] = clamp(from[axis] + by, 0, all - size);
      next[axis + 2] = next[axis] + size;
    }
  });
  box = next;
  draw();
};
const open = () => {
  cut().classList.add('fp-cutting');
  cut().querySelector('.fp-box > button').focus();
};
element.addEventListener('pointerdown', event => {
  const held = event.target.closest('[data-held]');
  if (!held || event.button) return;
  event.preventDefault();
  held.focus();
  held.setPointerCapture(event.pointerId);
  const shown = cut().querySelector('img').getBoundingClientRect();
  dragged = {from: [...box], name: held.dataset.held, x: event.clientX, y: event.clientY,
    scale: facts().width / shown.width};
});
element.addEventListener('pointermove', event => {
  if (!dragged) return;
  const {from, name, x, y, scale} = dragged;
  moved(from, name, (event.clientY - y) * scale, (event.clientX - x) * scale);
});
for (const end of ['pointerup', 'pointercancel']) element.addEventListener(end, () => { dragged = null; });
element.addEventListener('keydown', event => {
  const held = event.target.closest('[data-held]'), step = event.shiftKey ? LARGE : STEP;
  const by = {ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step]}[event.key];
  if (!held || !by) return;
  event.preventDefault();
  moved(box, held.dataset.held, ...by);
});
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-part]');
  if (!button) return;
  if (button.dataset.part === 'open') open();
  if (button.dataset.part === 'all') moved([0, 0, facts().height, facts().width], '', 0, 0);
  if (button.dataset.part === 'answer') trigger('submit', {box});
});
new MutationObserver(begin).observe(element, {childList: true, subtree: true, attributes: true,
  attributeFilter: ['data-cut']});
begin();
"""


def part_of(asked: object) -> Box:
    """What a browser says was chosen: four whole numbers, the edges of a box. Raises NoPart for anything else."""
    numbers = asked if isinstance(asked, list) else []
    if len(numbers) != len(_EDGES) or not all(type(number) is int for number in numbers):
        raise NoPart(said("A part of the picture is given by four whole numbers: its top, left, bottom, right edge."))
    return Box(*numbers)


def cut_html(image: Image, shown: str, within: Box | None) -> str:
    """The picture as it is ``shown``, with a box over it: around what lies ``within``, or to be asked for. The picture
    alone where no part of it would be large enough."""
    if min(image.width, image.height) <= LEAST_PART:
        return shown
    box = within or _middle(image)
    about = f'data-cut="{image.digest[:16]} {list(box)}" data-width="{image.width}" data-height="{image.height}"'
    return (
        f'<div class="fp-cut{" fp-cutting" if within else ""}" {about} data-least="{LEAST_PART}" '
        f'data-box="{list(box)}"><div class="fp-stage">{shown}{_box_html()}</div>{_tools_html()}</div>'
    )


def _middle(image: Image) -> Box:
    top, left = (min(side // _INSET, (side - LEAST_PART) // 2) for side in (image.height, image.width))
    return Box(top, left, image.height - top, image.width - left)


def _box_html() -> str:
    corners = (_held_html(f"fp-corner fp-{name.replace(' ', '-')}", name, label) for name, label in _CORNERS.items())
    held = _held_html("fp-all", "", _MOVED) + "".join(corners)
    return f'<div class="fp-box" role="group" aria-label="{text(said("The part"))}">{held}</div>'


def _held_html(kind: str, name: str, label: str) -> str:
    return f'<button type="button" class="{kind}" data-held="{name}" aria-label="{text(label)}"></button>'


def _tools_html() -> str:
    says = text(_SAYS.of(**{name: f"[{name}]" for name in ("width", "height", "left", "top")}))
    buttons = {"answer": said("Answer for this part"), "all": said("Choose all of it")}
    tools = "".join(f'<button type="button" data-part="{do}">{text(label)}</button>' for do, label in buttons.items())
    return (
        f'<button type="button" class="fp-part-of-it" data-part="open">{text(said("Answer for a part of it"))}</button>'
        f'<div class="fp-tools"><output class="fp-small" data-says="{says}"></output>'
        f'<p class="fp-small">{text(_HOW)}</p><p class="fp-chips">{tools}</p></div>'
    )
