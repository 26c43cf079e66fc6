// A stream that only tells that there is something new; asking for it is up to the page. Silence of
// the stand is told, and retried.
const RETRY_MS = 2000;

export function follow(address, changed, isSilent) {
  let source = null;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(address);
    source.addEventListener('changed', () => { isSilent(false); changed(); });
    source.onerror = () => {
      source.close();
      isSilent(true);
      timer = setTimeout(open, RETRY_MS);
    };
  }

  // A browser opens six connections to one host: a hidden tab gives its own back.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { clearTimeout(timer); source?.close(); } else open();
  });
  addEventListener('pagehide', () => { clearTimeout(timer); source?.close(); });
  addEventListener('pageshow', event => { if (event.persisted) open(); });
  if (!document.hidden) open();
}

// Calls at the end of a frame, and never twice within `restMs`.
export function sparingly(act, restMs) {
  let timer = 0;
  let last = 0;
  return () => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      last = performance.now();
      requestAnimationFrame(act);
    }, Math.max(0, last + restMs - performance.now()));
  };
}
