// Follows the runs: the portal tells when the newest ones change, and the page asks for itself again.
import { refresh } from './fragment.js';

const RETRY_MS = 2000;
let source = null;
let timer = 0;

function connect() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource('/reconciliation/events');
  source.addEventListener('changed', () => refresh(document.getElementById('reconciliation')));
  // EventSource gives up by itself when the answer is not 200; so every retry is ours.
  source.onerror = () => {
    source.close();
    timer = setTimeout(connect, RETRY_MS);
  };
}

function leave() {
  clearTimeout(timer);
  source?.close();
}

// A browser opens six connections to one host: a hidden tab gives its own back.
document.addEventListener('visibilitychange', () => (document.hidden ? leave() : connect()));
addEventListener('pagehide', leave);
addEventListener('pageshow', event => { if (event.persisted) connect(); });

if (!document.hidden) connect();
