// Follows both brokers: the portal tells when something has changed, and the page asks for its live
// parts again. Never while somebody reads the list, types in it or has frozen the picture.
import { refresh } from './fragment.js';
import { follow } from './live.js';

let isFrozen = false;
let isLate = false;

const PARTS = ['messages', 'recent', 'life'];
const stale = document.getElementById('messages-stale');

// A picture may change under the pointer, lists of links must not.
function holds(part) {
  return isFrozen || part.contains(document.activeElement) || part.id !== 'messages' && part.matches(':hover');
}

function ask() {
  isLate = false;
  for (const id of PARTS) {
    const part = document.getElementById(id);
    if (!part) continue;
    if (holds(part)) isLate = true;
    else refresh(part);
  }
}

document.addEventListener('pointerover', () => { if (isLate) ask(); });
document.addEventListener('focusout', () => setTimeout(() => { if (isLate) ask(); }));

// The life of one message has no picture that could be frozen.
const freeze = document.getElementById('freeze');
freeze?.addEventListener('click', () => {
  isFrozen = !isFrozen;
  freeze.setAttribute('aria-pressed', isFrozen);
  freeze.querySelector('span').textContent = isFrozen ? freeze.dataset.on : freeze.dataset.off;
  if (isLate) ask();
});

follow('/messages/events', { changed: ask }, isSilent => { stale.hidden = !isSilent; });
