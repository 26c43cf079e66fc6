// Listens to the stand. Every change becomes the event `stand-changed` on the body, which the
// fragments of the page wait for. Silence of the portal keeps the picture and says since when.
const RETRY_MS = 2000;
const bar = () => document.getElementById('stand-state');
const stale = document.getElementById('stale');
let source = null;
let timer = 0;
let silentSince = null;

function listen() {
  // A browser opens six connections to one host: a hidden tab gives its own back.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      clearTimeout(timer);
      source?.close();
    } else {
      connect();
    }
  });
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', event => { if (event.persisted) connect(); });
  if (!document.hidden) connect();
}

function connect() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource('/stand/events');
  source.addEventListener('changed', () => {
    answered();
    document.body.dispatchEvent(new Event('stand-changed'));
  });
  source.addEventListener('faults', () => document.body.dispatchEvent(new Event('faults-changed')));
  // EventSource gives up by itself when the answer is not 200; so every retry is ours.
  source.onerror = () => {
    source.close();
    unanswered();
    timer = setTimeout(connect, RETRY_MS);
  };
}

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

// The pages of a saved session have no stand to listen to.
if (bar()) listen();
