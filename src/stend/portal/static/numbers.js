// The figures over time: follows the stream, shows the values in the tables and draws the charts.
import { follow } from './live.js';
import { Band } from './numbers-band.js';
import { clock } from './numbers-format.js';
import { History } from './numbers-history.js';
import { lasting } from './store.js';

const LOADING_MS = 200;
// Who wants less motion gets a picture that moves on in steps; the values follow at once.
const STEP_S = 10;
const box = document.getElementById('numbers');
const state = document.getElementById('numbers-state');
const freezing = document.getElementById('freeze');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const history = new History();
const view = { range: 300, end: 0, index: null };
const bands = [...document.querySelectorAll('[data-band]')].map(part => new Band(part, history, view, look, choose));
let silentSince = null;
let frozen = false;
let drawnAt = 0;

const part = id => document.getElementById(id);

// ---- the stream ----

function replaced(event) {
  const told = JSON.parse(event.data);
  history.replace(told);
  arrived(told);
  for (const band of bands) band.meet();
  drawnAt = 0;
  refresh();
}

function added(event) {
  const told = JSON.parse(event.data);
  history.add(told);
  arrived(told);
  for (const band of bands) band.meet();
  refresh();
}

function hush(isSilent) {
  if (!isSilent) { silentSince = null; return; }
  silentSince ??= new Date();
  if (box.getAttribute('aria-busy') === 'true') part('lost').hidden = false;
  tell();
}

function arrived(told) {
  box.setAttribute('aria-busy', 'false');
  part('loading').hidden = part('lost').hidden = true;
  part('quiet').hidden = !told.quiet;
  tell();
}

// ---- the picture ----

function refresh() {
  if (frozen) return;
  view.end = history.end;
  const isDue = !calm.matches || view.end - drawnAt >= STEP_S;
  if (isDue) drawnAt = view.end;
  for (const band of bands) band.refresh(isDue);
}

// Where the cursor stands in one chart, all tables tell what was then.
function look(index) {
  if (view.index === index) return;
  view.index = index;
  for (const band of bands) band.tell();
}

// One figure of the page is chosen; its query stands below.
function choose(band, query) {
  for (const other of bands) if (other !== band) other.clear();
  part('query').textContent = query ?? '';
  part('query').hidden = query === null;
  part('query-none').hidden = query !== null;
  part('query-copy').disabled = query === null;
}

function tell() {
  const isBusy = box.getAttribute('aria-busy') === 'true';
  let key = 'live';
  let since = null;
  if (silentSince) [key, since] = ['stale', silentSince];
  else if (isBusy) key = 'loading';
  else if (frozen) [key, since] = ['frozen', new Date(view.end * 1000)];
  state.textContent = state.dataset[key].replace('{time}', since ? clock(since) : '');
  state.classList.toggle('wait', key === 'stale' || key === 'frozen');
  state.classList.toggle('dim', key === 'live' || key === 'loading');
  box.classList.toggle('silent', key === 'stale');
}

freezing.addEventListener('click', () => {
  frozen = !frozen;
  history.hold(frozen);
  freezing.setAttribute('aria-pressed', frozen);
  drawnAt = 0;
  tell();
  refresh();
});

function span(seconds) {
  view.range = seconds;
  for (const button of document.querySelectorAll('[data-range]')) {
    button.setAttribute('aria-pressed', Number(button.dataset.range) === seconds);
  }
  for (const band of bands) band.draw();
}

for (const button of document.querySelectorAll('[data-range]')) {
  button.addEventListener('click', () => {
    lasting.set('numbers-range', button.dataset.range);
    span(Number(button.dataset.range));
  });
}

// ---- colours, sizes ----

function recolour() {
  for (const band of bands) band.recolour();
}

new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ['data-theme'] });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
// What is drawn before the fonts are there would keep the wrong ones.
document.fonts.ready.then(recolour);

const remembered = Number(lasting.get('numbers-range'));
span([60, 300, 900].includes(remembered) ? remembered : view.range);
tell();
setTimeout(() => { part('loading').hidden = box.getAttribute('aria-busy') !== 'true' || !part('lost').hidden; }, LOADING_MS);
follow('/numbers/events', { history: replaced, point: added }, hush);
