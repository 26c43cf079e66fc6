// The list of traces as it grows: replaced at the end of a frame, and never while somebody points at
// it or has its focus.
import { follow, sparingly } from './live.js';

const REST_MS = 1000;
const place = document.getElementById('stories-place');
let isWaiting = false;
let isPointed = false;

async function read() {
  if (isPointed || place.querySelector('tbody')?.contains(document.activeElement)) { isWaiting = true; return; }
  isWaiting = false;
  try {
    const answer = await fetch(`/story/fragment/list${place.dataset.query}`);
    if (!answer.ok || isPointed) { isWaiting ||= answer.ok; return; }
    place.innerHTML = await answer.text();
  } catch { /* the stream tells of a silent stand */ }
}

const soon = sparingly(read, REST_MS);
place.addEventListener('pointerenter', () => { isPointed = true; });
place.addEventListener('pointerleave', () => { isPointed = false; if (isWaiting) soon(); });
place.addEventListener('focusout', () => { if (isWaiting) soon(); });
place.addEventListener('click', event => {
  const row = event.target.closest('tr.pick');
  if (row && !event.target.closest('a')) row.querySelector('a').click();
});
place.addEventListener('keydown', event => {
  const row = event.target.closest('tr.pick');
  if (!row) return;
  if (event.key === 'Enter') { row.querySelector('a').click(); return; }
  if (event.key === 'Escape') { row.blur(); return; }
  const to = {
    ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling,
    Home: row.parentElement.firstElementChild, End: row.parentElement.lastElementChild,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (!to) return;
  row.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
});
const filter = document.getElementById('filter');
filter.addEventListener('change', () => filter.requestSubmit());
// To a saved session nothing is added.
if ('live' in place.dataset) follow('/story/events', soon, isSilent => { document.getElementById('story-stale').hidden = !isSilent; });
