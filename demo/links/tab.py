"""What a tab of the browser remembers of its answers: a line for each of the last few, and the last one as it was
shown, so that Back returns to it. The server has no part in it, and what is remembered goes with the tab.
"""

from __future__ import annotations

from fingerprints.sentence import said

from ..parts.html import text

_TITLE = said("Your answers in this tab")
_NOTE = said("Only this tab of your browser remembers them, until you close it.")

# Each part of an answer hands over what it shows when it is asked, and shows again what it is given.
_PART = """
addEventListener('fp-hand-over', event => { event.detail[PART] = props.value; });
addEventListener('fp-show-again', event => { props.value = event.detail[PART] || ''; });
"""
REMEMBERING = """
const LINES = 'manifpt.answers', SHOWN = 'manifpt.shown', MOST = 8;
const read = name => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };
const write = (name, value) => {
  try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { sessionStorage.removeItem(name); }
};
const showAgain = () => {
  const shown = read(SHOWN);
  if (shown) dispatchEvent(new CustomEvent('fp-show-again', {detail: shown.parts}));
  return Boolean(shown);
};
// While the page is put together, Gradio sets its parts to what they were at the start.
const insist = left => setTimeout(() => {
  const ready = document.querySelector('#evidence'), empty = document.querySelector('#answer .fp-empty');
  if ((!ready || (empty && showAgain())) && left) insist(left - 1);
}, 150);
const draw = () => {
  const section = element.querySelector('section'), lines = read(LINES) || [], shown = read(SHOWN);
  if (!section) return;
  section.hidden = !lines.length;
  section.querySelector('ol').replaceChildren(...lines.map(line => {
    const row = section.querySelector('template').content.cloneNode(true);
    const at = new Date(line.at), clock = row.querySelector('time');
    clock.textContent = at.toLocaleTimeString(document.documentElement.lang, {timeStyle: 'short'});
    clock.dateTime = at.toISOString();
    row.querySelector('[data-name]').textContent = line.name;
    row.querySelector('[data-said]').textContent = line.said;
    const link = row.querySelector('a'), again = row.querySelector('button');
    link.hidden = !line.link;
    if (line.link) link.href = line.link;
    again.hidden = !shown || shown.at !== line.at || document.querySelector(`[data-whole="${line.key}"]`);
    return row;
  }));
};
// What is whole: one picture's answer, which says what to remember of it, or the joint answer for several.
const remember = () => {
  const note = document.querySelector('[data-whole]'), joint = document.querySelector('#answer [data-joint]');
  if (!note && !joint) return;
  const lines = read(LINES) || [], made = document.querySelector('[data-made]'), key = note ? note.dataset.whole : '';
  let line = note && lines.find(one => one.key === key);
  if (note && !line) {
    line = {key, at: Date.now(), name: note.dataset.name, said: note.dataset.said, link: ''};
    lines.unshift(line);
  }
  if (line && made) line.link = new URL(made.dataset.made, document.baseURI).href;
  write(LINES, lines.slice(0, MOST));
  const parts = {};
  dispatchEvent(new CustomEvent('fp-hand-over', {detail: parts}));
  write(SHOWN, {at: line ? line.at : 0, parts});
  draw();
};
element.addEventListener('click', event => {
  if (event.target.closest('[data-again]')) { showAgain(); document.querySelector('#answer').scrollIntoView(); }
  if (event.target.closest('[data-forget]')) {
    [LINES, SHOWN].forEach(name => sessionStorage.removeItem(name));
    draw();
  }
});
let later = 0;
new MutationObserver(changes => {
  if (changes.every(change => element.contains(change.target))) return;  // our own
  clearTimeout(later);
  later = setTimeout(remember, 200);
}).observe(document.body, {subtree: true, childList: true});
const way = (performance.getEntriesByType('navigation')[0] || {}).type;
if (['back_forward', 'reload'].includes(way) && !location.search) insist(20);
draw();
"""


def part(name: str) -> str:
    """The script of a part of an answer."""
    return f"const PART = '{name}';{_PART}"


def tab_html() -> str:
    """Hidden while there is nothing to show; its lines are drawn in the browser."""
    line = (
        "<li><time></time> <span data-name></span> <b data-said></b> "
        f"<a>{text(said('Its link'))}</a> "
        f'<button type="button" data-again>{text(said("Show it again"))}</button></li>'
    )
    forget = f'<button type="button" data-forget>{text(said("Forget them"))}</button>'
    return (
        f'<section class="fp-tab" aria-labelledby="tab-head" hidden><h2 id="tab-head">{text(_TITLE)}</h2><ol></ol>'
        f'<p class="fp-small">{text(_NOTE)} {forget}</p><template>{line}</template></section>'
    )
