// The form of the playground: its address, its rows, sending, and what follows an answer.
import { session } from './store.js';
import { follow, stop } from './stream.js';
import './tabs.js';
import './prices.js';

const BUSY_AFTER_MS = 200;
const form = document.getElementById('request');
const answer = document.getElementById('answer');
const orderField = form.elements.namedItem('order_id');
const streams = form.dataset.streams === 'yes';
const who = form.elements.namedItem('as');
const credential = form.elements.namedItem('credential');

// ---- the address of this state ----

function stateOf() {
  const query = new URLSearchParams();
  for (const element of form.elements) {
    // It is a secret: an address is sent on, and kept in many places.
    if (!element.name || element === credential || element.disabled || (element.type === 'checkbox' && !element.checked)) continue;
    const kept = element.type === 'hidden' || element.dataset.required !== undefined;
    if (element.value || kept) query.append(element.name, element.value);
  }
  return query;
}

function keepAddress(query) {
  history.replaceState(history.state, '', `/playground?${query}`);
}

function fieldsChanged() {
  const query = stateOf();
  keepAddress(query);
  leadOn(query);
  window.htmx.trigger(document.body, 'fields-changed');
}

// The chips of protocols lead to the same call.
function leadOn(query) {
  for (const link of document.querySelectorAll('[data-protocol].chip')) {
    const other = new URLSearchParams(query);
    other.set('protocol', link.dataset.protocol);
    link.href = `/playground?${other}`;
  }
}

form.addEventListener('input', fieldsChanged);

// ---- who calls ----

function showOwn() {
  document.getElementById('own').toggleAttribute('data-closed', who.value !== 'custom');
}

who.addEventListener('change', showOwn);
credential.addEventListener('input', () => session.set('credential', credential.value));

// Whoever is chosen goes on to the other calls that a link leads to.
document.addEventListener('click', event => {
  const link = event.target.closest('a[href*="/playground?"]');
  if (!link) return;
  const target = new URL(link.href);
  target.searchParams.delete('as');
  if (who.value) target.searchParams.set('as', who.value);
  link.href = target.href;
});

// ---- rows of a list ----

form.addEventListener('click', event => {
  const list = event.target.closest('[data-list]');
  if (event.target.closest('[data-add-row]')) addRow(list);
  if (event.target.closest('[data-remove-row]')) removeRow(list, event.target.closest('tr'));
});

function addRow(list) {
  const body = list.querySelector('tbody');
  body.append(list.querySelector('template').content.cloneNode(true));
  number(list);
  body.lastElementChild.querySelector('.in').focus();
  fieldsChanged();
}

function removeRow(list, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  number(list);
  (next?.querySelector('[data-remove-row]') ?? list.querySelector('[data-add-row]')).focus();
  fieldsChanged();
}

// Paths count from 0 without a gap, as the items of the list in the message will.
function number(list) {
  [...list.querySelectorAll('tbody tr')].forEach((row, place) => {
    for (const element of row.querySelectorAll('.in')) {
      const name = element.name.split('.').slice(2).join('.');
      element.name = `${list.dataset.list}.${place}.${name}`;
      element.id = `f-${element.name}`;
      element.setAttribute('aria-label', element.name);
    }
  });
}

// ---- a fresh idempotency key ----

const key = form.elements.namedItem('idempotency_key');
let isKeyFixed = false;

async function freshKey() {
  const response = await fetch('/playground/key');
  if (!response.ok) return;
  key.value = await response.text();
  isKeyFixed = false;
  fieldsChanged();
}

document.getElementById('new-key')?.addEventListener('click', freshKey);
key?.addEventListener('input', () => { isKeyFixed = true; });

// ---- sending ----

document.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
});

// Before htmx sees it: a stream is read by an EventSource, not by a POST.
form.addEventListener('submit', event => {
  if (!streams) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  follow(new URLSearchParams(new FormData(form)), answer);
}, true);

let busyTimer = 0;

function idle() {
  clearTimeout(busyTimer);
  answer.removeAttribute('aria-busy');
  answer.querySelector('.busy')?.remove();
  document.getElementById('send').disabled = false;
}

document.addEventListener('htmx:beforeRequest', event => {
  if (event.detail.elt !== form) return;
  document.getElementById('send').disabled = true;
  busyTimer = setTimeout(() => {
    answer.setAttribute('aria-busy', 'true');
    const cover = document.createElement('div');
    cover.className = 'busy';
    cover.append(document.getElementById('loading').content.cloneNode(true));
    answer.append(cover);
  }, BUSY_AFTER_MS);
});

document.addEventListener('htmx:afterRequest', event => {
  if (event.detail.elt !== form) return;
  idle();
  // A comparison that is repeated shall compare calls, not one replay with calls; whoever has typed a
  // key of his own wants that one.
  const compares = document.querySelector('input[name=with]:checked:not(:disabled)');
  const isShared = document.querySelector('input[name=same_key]:checked');
  if (key && compares && !isKeyFixed && !isShared) freshKey();
});

document.addEventListener('htmx:sendError', event => {
  if (event.detail.elt === form) answer.replaceChildren(document.getElementById('lost').content.cloneNode(true));
});

// ---- after an answer ----

document.addEventListener('htmx:afterSwap', event => {
  const order = event.detail.target === answer && answer.querySelector('[data-order]');
  if (order) session.set('order', order.dataset.order);
});

// A follow-up performs its call at once. Only a click here may do so, never an address alone:
// otherwise any web page could cancel orders with a link.
document.addEventListener('click', event => {
  const link = event.target.closest('a[data-send]');
  if (link) session.set('send', link.href);
});

addEventListener('pagehide', stop);

const remembered = orderField && !orderField.value && session.get('order');
if (remembered) orderField.value = remembered;
const kept = who.value === 'custom' && !credential.value && session.get('credential');
if (kept) credential.value = kept;

// Not before: htmx takes up its elements at this event, in a listener older than this one.
addEventListener('DOMContentLoaded', () => {
  const wanted = session.take('send') === location.href;
  keepAddress(stateOf());
  leadOn(stateOf());
  if (remembered || kept) fieldsChanged();
  if (wanted) form.requestSubmit();
});
