// Follows both brokers: the portal tells when something has changed, and the page asks for its live
// parts again. Never while somebody reads the list, types in it or has frozen the picture.
import { refresh } from './fragment.js';

const RETRY_MS = 2000;
let source = null;
let timer = 0;
let isFrozen = false;
let isLate = false;

const PARTS = ['messages', 'recent', 'life'];
const stale = document.getElementById('messages-stale');

// A picture may change under the pointer, lists of links must not.
function holds(part) {
  return isFrozen || part.contains(document.activeElement) || part.id !== 'messages' && part.matches(':hover');
}

function follow() {
  isLate = false;
  for (const id of PARTS) {
    const part = document.getElementById(id);
    if (!part) continue;
    if (holds(part)) isLate = true;
    else refresh(part);
  }
}

function connect() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource('/messages/events');
  source.addEventListener('changed', () => { stale.hidden = true; follow(); });
  // EventSource gives up by itself when the answer is not 200; so every retry is ours.
  source.onerror = () => {
    source.close();
    stale.hidden = false;
    timer = setTimeout(connect, RETRY_MS);
  };
}

function leave() {
  clearTimeout(timer);
  source?.close();
}

document.addEventListener('pointerover', () => { if (isLate) follow(); });
document.addEventListener('focusout', () => setTimeout(() => { if (isLate) follow(); }));

// The life of one message has no picture that could be frozen.
const freeze = document.getElementById('freeze');
freeze?.addEventListener('click', () => {
  isFrozen = !isFrozen;
  freeze.setAttribute('aria-pressed', isFrozen);
  freeze.querySelector('span').textContent = isFrozen ? freeze.dataset.on : freeze.dataset.off;
  if (isLate) follow();
});

// A browser opens six connections to one host: a hidden tab gives its own back.
document.addEventListener('visibilitychange', () => (document.hidden ? leave() : connect()));
addEventListener('pagehide', leave);
addEventListener('pageshow', event => { if (event.persisted) connect(); });

if (!document.hidden) connect();
