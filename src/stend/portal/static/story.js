// The sequence diagram: arrows are walked with the arrow keys, Enter opens the bytes of one, Escape
// closes them. The picture grows at the end of a frame, and never while the pointer is on it.
import { follow, sparingly } from './live.js';
import './story-export.js';
import { enliven } from './wire.js';

const REST_MS = 500;
const panel = document.getElementById('story');
const drawer = document.getElementById('drawer');
const body = () => document.getElementById('story-body');
const canvas = () => panel.querySelector('.canvas');
const messages = () => [...panel.querySelectorAll('.msg')];
const path = `/story/${panel.dataset.trace}`;
let opened = null;
let isPointed = false;
let isWaiting = false;
let asked = 0;

const known = number => panel.querySelector(`.msg[data-n="${number}"]`);

// ---- which arrow ----

function rove(message) {
  for (const one of messages()) one.tabIndex = one === message ? 0 : -1;
}

function press() {
  for (const one of messages()) one.setAttribute('aria-pressed', one.dataset.n === opened);
}

function reveal(message) {
  const box = canvas();
  const at = message.querySelector('.ring').getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  const head = box.querySelector('.heads').getBoundingClientRect().height;
  if (at.top < frame.top + head) box.scrollTop -= frame.top + head - at.top + at.height;
  else if (at.bottom > frame.bottom) box.scrollTop += at.bottom - frame.bottom + at.height;
}

async function open(message) {
  opened = message.dataset.n;
  asked += 1;
  const own = asked;
  rove(message);
  press();
  drawer.hidden = false;
  drawer.classList.add('waits');
  reveal(message);
  history.replaceState(history.state, '', `#m${opened}`);
  try {
    const answer = await fetch(`${path}/messages/${opened}${panel.dataset.query}`);
    if (own !== asked) return;
    if (answer.ok) {
      drawer.innerHTML = await answer.text();
      enliven(drawer);
    }
  } catch { /* the stream tells of a silent stand */ }
  if (own === asked) drawer.classList.remove('waits');
}

function shut() {
  const last = opened && known(opened);
  opened = null;
  asked += 1;
  drawer.hidden = true;
  drawer.replaceChildren();
  press();
  history.replaceState(history.state, '', location.pathname + location.search);
  last?.focus({ preventScroll: true });
}

panel.addEventListener('click', event => {
  if (event.target.closest('[data-close]')) { shut(); return; }
  const message = event.target.closest('.msg');
  if (!message) return;
  message.focus({ preventScroll: true });
  open(message);
});

panel.addEventListener('keydown', event => {
  const message = event.target.closest('.msg');
  if (event.key === 'Escape' && opened && (message || !event.defaultPrevented)) { shut(); return; }
  if (!message || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); open(message); return; }
  const all = messages();
  const at = all.indexOf(message);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = all[to];
  if (!next) return;
  rove(next);
  next.focus({ preventScroll: true });
  reveal(next);
  if (opened) open(next);
});

// #m17 is an arrow; #s-<span> is the arrow of a span, whatever its number.
function openAddress() {
  const [, number, span] = /^#(?:m(\d+)|s-([0-9a-f]{16}))$/.exec(location.hash) ?? [];
  const message = number ? known(number) : span && messages().find(one => one.dataset.spans.split(' ').includes(span));
  if (!message) return false;
  open(message);
  return true;
}

// ---- what comes ----

async function read() {
  const waiting = document.getElementById('story-waiting');
  if (isPointed) { isWaiting = true; waiting.hidden = false; return; }
  isWaiting = false;
  waiting.hidden = true;
  try {
    const answer = await fetch(`${path}/fragment${panel.dataset.query}`);
    if (!answer.ok) return;
    const text = await answer.text();
    if (isPointed) { isWaiting = true; waiting.hidden = false; return; }
    show(text);
  } catch { /* the stream tells of a silent stand */ }
}

function show(text) {
  const fresh = document.createElement('template');
  fresh.innerHTML = text;
  const old = body();
  const next = fresh.content.getElementById('story-body');
  const head = fresh.content.getElementById('story-head');
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.n : null;
  const [left, top] = [canvas()?.scrollLeft ?? 0, canvas()?.scrollTop ?? 0];
  document.getElementById('story-head').replaceWith(head);
  if (old.innerHTML === next.innerHTML) return;
  old.replaceWith(next);
  canvas()?.scrollTo(left, top);
  rove((focused && known(focused)) || messages()[0]);
  press();
  if (focused) known(focused)?.focus({ preventScroll: true });
}

const soon = sparingly(read, REST_MS);
panel.addEventListener('pointerover', event => { isPointed = Boolean(event.target.closest?.('.canvas')); });
panel.addEventListener('pointerleave', () => { isPointed = false; if (isWaiting) soon(); });
rove(messages()[0]);
openAddress();
addEventListener('hashchange', openAddress);
// To a saved session nothing is added.
if ('live' in panel.dataset) follow(`${path}/events`, { changed: soon }, isSilent => { document.getElementById('story-stale').hidden = !isSilent; });
