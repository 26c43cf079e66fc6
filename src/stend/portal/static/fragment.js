// Parts of the page that follow the stand. Each asks one question at a time, and asks it again when
// the answer has come if there was news meanwhile: a question that gave way to its own repetition
// would never be answered while news comes faster than answers. Another address is another question,
// whose answer alone counts. Not by hx-sync, which drops a change that comes while a part is swapped.
const asked = new Map();

export function refresh(part) {
  const { id } = part;
  const address = part.dataset.fragment;
  const before = asked.get(id);
  if (before?.address === address) {
    before.hasNews = true;
    return before.shown;
  }
  before?.giveUp.abort();
  const question = { address, giveUp: new AbortController(), hasNews: false };
  asked.set(id, question);
  question.shown = show(id, question);
  return question.shown;
}

async function show(id, question) {
  const answer = await ask(question.address, question.giveUp.signal);
  if (asked.get(id) !== question) return;
  asked.delete(id);
  if (answer !== null) window.htmx.swap(`#${id}`, answer, { swapStyle: 'outerHTML' });
  const part = document.getElementById(id);
  if (question.hasNews && part?.dataset.fragment) refresh(part);
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
