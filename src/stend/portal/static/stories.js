// The list of traces as it grows: replaced at the end of a frame, and never while somebody points at
// it or has its focus.
import { follow, sparingly } from './live.js';
import { liveTable } from './live-table.js';

const REST_MS = 1000;
const place = document.getElementById('stories-place');
let isWaiting = false;

async function read() {
  if (isHeld()) { isWaiting = true; return; }
  isWaiting = false;
  try {
    const answer = await fetch(`/story/fragment/list${place.dataset.query}`);
    if (!answer.ok || isHeld()) { isWaiting ||= answer.ok; return; }
    place.innerHTML = await answer.text();
  } catch { /* the stream tells of a silent stand */ }
}

const soon = sparingly(read, REST_MS);
const isHeld = liveTable(place, () => { if (isWaiting) soon(); });
const filter = document.getElementById('filter');
filter.addEventListener('change', () => filter.requestSubmit());
// To a saved session nothing is added.
if ('live' in place.dataset) follow('/story/events', { changed: soon }, isSilent => { document.getElementById('story-stale').hidden = !isSilent; });
