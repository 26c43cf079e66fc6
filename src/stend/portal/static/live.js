// A stream of events of the portal. Silence is told, and retried.
const RETRY_MS = 2000;

// `address` is a function where it depends on what has come before; `acts` says what is done with each
// kind of event; `tellSilence` is told true when nobody answers, false before each event.
export function follow(address, acts, tellSilence = () => {}) {
  let source = null;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(typeof address === 'function' ? address() : address);
    for (const [name, act] of Object.entries(acts)) {
      source.addEventListener(name, event => { tellSilence(false); act(event); });
    }
    // EventSource gives up by itself when the answer is not 200; so every retry is ours.
    source.onerror = () => {
      source.close();
      tellSilence(true);
      timer = setTimeout(open, RETRY_MS);
    };
  }

  function leave() {
    clearTimeout(timer);
    source?.close();
  }

  // A browser opens six connections to one host: a hidden tab gives its own back.
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : open()));
  addEventListener('pagehide', leave);
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
