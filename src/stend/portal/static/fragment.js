// Parts of the page that follow the stand. Each asks one question at a time, of which the newest
// counts: an older answer would bring a former state back. Not by hx-sync, which drops a change that
// comes while a part is swapped, or reports each request that a newer one replaces as an error.
const asked = new Map();

export async function refresh(part) {
  asked.get(part.id)?.abort();
  const question = new AbortController();
  asked.set(part.id, question);
  const answer = await ask(part.dataset.fragment, question.signal);
  if (answer === null || question.signal.aborted) return;
  window.htmx.swap(`#${part.id}`, answer, { swapStyle: 'outerHTML' });
}

// Null when there is no answer: stand.js tells of a silent portal.
async function ask(address, signal) {
  try {
    const answer = await fetch(address, { signal });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

document.body.addEventListener('stand-changed', () => {
  for (const part of document.querySelectorAll('[data-fragment]')) refresh(part);
});
document.body.addEventListener('faults-changed', () => {
  for (const part of document.querySelectorAll('[data-follows="faults"]')) refresh(part);
});
