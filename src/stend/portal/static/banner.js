// Faults on every page: what is left of them runs down here, and turning one off keeps the page.
const TICK_MS = 200;
const ends = new WeakMap();

// A page of before does not know how long it was away: only what came from the stand starts a clock.
function tick() {
  for (const shown of document.querySelectorAll('[data-left]')) {
    if (!ends.has(shown)) ends.set(shown, performance.now() + Number(shown.dataset.left) * 1000);
    const seconds = Math.max(Math.ceil((ends.get(shown) - performance.now()) / 1000), 0);
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (shown.textContent !== text) shown.textContent = text;
  }
}
setInterval(tick, TICK_MS);
tick();

// The stand tells by its events that the fault has gone. Without an answer the form goes its way,
// and the browser says what is wrong.
document.addEventListener('submit', async event => {
  const form = event.target.closest('form[data-clear]');
  if (!form || form.dataset.clear === 'plain') return;
  event.preventDefault();
  const id = form.elements.id?.value;
  try {
    const answer = await fetch(`/stand/faults${id ? `/${encodeURIComponent(id)}` : ''}`, { method: 'DELETE' });
    if (!answer.ok && answer.status !== 404) throw new Error(answer.statusText);
    document.body.dispatchEvent(new Event('faults-changed'));
  } catch {
    form.dataset.clear = 'plain';
    form.requestSubmit();
  }
});
