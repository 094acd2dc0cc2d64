"""What the page does in the browser besides what every form does (parts/form.py)."""

from __future__ import annotations

# A new batch goes into the address, so that a reload finds it.
NOTE_JOB = """
new MutationObserver(() => {
  const job = element.querySelector('[name=job]');
  if (!job || new URLSearchParams(location.search).get('job') === job.value) return;
  history.replaceState(null, '', `${location.pathname}?job=${job.value}`);
}).observe(element, {subtree: true, childList: true});
"""
# Another page of the table begins at its top. (Gradio changes what is shown in place, so that the focus stays.)
TO_THE_TOP = """
let before = null;
element.addEventListener('click', event => {
  if (event.target.name === 'page') before = element.querySelector('caption').textContent;
});
new MutationObserver(() => {
  const caption = element.querySelector('caption');
  if (before === null || !caption || caption.textContent === before) return;
  before = null;
  element.scrollIntoView();
  element.querySelector('[role=region]').focus({preventScroll: true});
}).observe(element, {subtree: true, childList: true, characterData: true});
"""
