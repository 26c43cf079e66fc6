// Listens to the stand. Every change becomes the event `stand-changed` on the body, which the
// fragments of the page wait for. Silence of the portal keeps the picture and says since when.
import { follow } from './live.js';

const bar = () => document.getElementById('stand-state');
const stale = document.getElementById('stale');
let silentSince = null;

function answered() {
  if (silentSince === null) return;
  silentSince = null;
  stale.hidden = true;
  bar().hidden = false;
  document.documentElement.classList.remove('unanswered');
}

function unanswered() {
  if (silentSince !== null) return;
  silentSince = new Date();
  const time = silentSince.toLocaleTimeString('ru', { hour12: false });
  stale.querySelector('span').textContent = stale.dataset.text.replace('{time}', time);
  stale.hidden = false;
  bar().hidden = true;
  document.documentElement.classList.add('unanswered');
}

function listen() {
  follow(
    '/stand/events',
    {
      changed: () => document.body.dispatchEvent(new Event('stand-changed')),
      faults: () => document.body.dispatchEvent(new Event('faults-changed')),
    },
    isSilent => (isSilent ? unanswered() : answered()),
  );
}

// The pages of a saved session have no stand to listen to.
if (bar()) listen();
