// Choosing an edge and a kind without leaving the page, setting the fault, and the commands that
// follow the form. Without this file all of it goes by links and a form.
import './walk.js';
import { refresh } from './fragment.js';

const LOADING_MS = 200;
const COMMANDS_MS = 150;
const STRUCK_MS = 1000;
// What a form keeps when another edge or kind is chosen: the numbers belong to the kind.
const KEPT = ['probability', 'for', 'seed'];
// Up to here the form stands below the map.
const NARROW = matchMedia('(max-width: 1000px)');
const part = id => document.getElementById(id);
let question = null;
let timer = 0;

function form() {
  return part('fault-form');
}

function query(changes) {
  const found = new URLSearchParams();
  const current = new URLSearchParams(location.search);
  for (const name of ['on', 'kind']) if (current.get(name)) found.set(name, current.get(name));
  for (const name of KEPT) if (form()?.elements[name]?.value) found.set(name, form().elements[name].value);
  for (const [name, value] of Object.entries(changes)) found.set(name, value);
  return found;
}

// ---- what is chosen ----

async function show(wanted) {
  question?.abort();
  const own = question = new AbortController();
  const busy = setTimeout(load, LOADING_MS);
  part('fault-panel').setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(`/stand/fragment/faults/panel?${wanted}`, { signal: own.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    put(await answer.text());
  } catch {
    if (!own.signal.aborted) say();
  } finally {
    clearTimeout(busy);
    // Else another question is on its way, and settles it.
    if (!own.signal.aborted) settle();
  }
  if (own.signal.aborted) return;
  if (NARROW.matches) part('fault-panel').scrollIntoView({ block: 'start' });
  const map = part('faults-map');
  map.dataset.fragment = `/stand/fragment/faults/map?on=${encodeURIComponent(wanted.get('on') ?? '')}`;
  refresh(map);
  tell();
}

function put(html) {
  const scrolled = part('kinds')?.scrollTop ?? 0;
  window.htmx.swap('#fault-panel', html, { swapStyle: 'outerHTML' });
  if (part('kinds')) part('kinds').scrollTop = scrolled;
}

function load() {
  part('fault-panel').append(part('loading').content.cloneNode(true));
}

function settle() {
  const panel = part('fault-panel');
  panel.removeAttribute('aria-busy');
  panel.querySelector('.load')?.remove();
}

function say() {
  part('unsent')?.replaceChildren(part('unanswered').content.cloneNode(true));
}

document.addEventListener('click', event => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest('[data-edge], [data-kind]');
  if (!link) return;
  event.preventDefault();
  const wanted = query(link.dataset.edge ? { on: link.dataset.edge } : { kind: link.dataset.kind });
  history.pushState({}, '', `/faults?${wanted}`);
  show(wanted);
});

addEventListener('popstate', () => show(new URLSearchParams(location.search)));

// ---- the form ----

document.addEventListener('submit', async event => {
  if (event.target !== form()) return;
  event.preventDefault();
  const given = new URLSearchParams(new FormData(form()));
  part('set').disabled = true;
  try {
    const answer = await fetch('/faults', { method: 'POST', body: given, headers: { 'HX-Request': 'true' } });
    if (!answer.ok) throw new Error(answer.statusText);
    put(await answer.text());
    history.replaceState({}, '', `/faults?${given}`);
    (document.querySelector('[aria-invalid]') ?? part('set')).focus();
    document.body.dispatchEvent(new Event('faults-changed'));
  } catch {
    say();
  } finally {
    part('set').disabled = false;
  }
});

document.addEventListener('input', event => {
  if (event.target.form !== form()) return;
  clearTimeout(timer);
  timer = setTimeout(tell, COMMANDS_MS);
});

// The commands are those of the form as it stands, not of the form as it was sent.
async function tell() {
  if (!form()) return;
  part('same').dataset.fragment = `/stand/fragment/faults/same?${new URLSearchParams(new FormData(form()))}`;
  await refresh(part('same'));
  // It follows the form, not the stand.
  delete part('same').dataset.fragment;
}

// ---- how often they have struck ----

setInterval(async () => {
  if (document.hidden || !document.querySelector('[data-fault]')) return;
  try {
    const { faults } = await (await fetch('/stand/faults')).json();
    for (const one of faults) {
      const count = document.querySelector(`[data-fault="${CSS.escape(one.id)}"] .struck-count`);
      if (count && count.textContent !== String(one.struck)) count.textContent = one.struck;
    }
  } catch {
    // The bar at the top tells of a stand that does not answer.
  }
}, STRUCK_MS);

// Only the list moves to the kind that a link has chosen, not the page.
const current = document.querySelector('.kind[aria-current]');
if (current) part('kinds').scrollTop = current.offsetTop - part('kinds').offsetTop - part('kinds').clientHeight / 2;
