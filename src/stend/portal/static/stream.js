// Follows an order: the portal calls the service and passes every event on as it comes. Read by
// hand: an EventSource could only put the fields into an address, and one of them may be a token.
let reading = null;

const part = id => document.getElementById(id);

export async function follow(fields, answer) {
  stop();
  const own = reading = new AbortController();
  let count = 0;
  let opened = false;
  const handlers = {
    panel: data => { opened = true; answer.innerHTML = data; },
    head: data => { answer.querySelector('.stream-head').innerHTML = data; },
    row: data => {
      count += 1;
      show(data, count, Number(answer.querySelector('.stream').dataset.bound));
    },
    failure: data => { answer.innerHTML = data; own.abort(); },
    end: data => { finish(data); },
  };
  try {
    const response = await fetch('/playground/events', { method: 'POST', body: fields, signal: own.signal });
    if (!response.ok) throw new Error(response.statusText);
    for await (const [event, data] of events(response.body)) handlers[event]?.(data);
    if (!own.signal.aborted) finish('broken');
  } catch {
    if (own.signal.aborted) return;
    if (!opened) answer.replaceChildren(part('lost').content.cloneNode(true));
    finish('broken');
  }
}

export function stop() {
  reading?.abort();
  reading = null;
}

// Events and their data (HTML Living Standard, section 9.2). Ours have LF at the end of a line.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + value).split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const lines = block.split('\n');
      const told = field => lines.filter(line => line.startsWith(`${field}: `)).map(line => line.slice(field.length + 2));
      const [event] = told('event');
      if (event) yield [event, told('data').join('\n')];
    }
  }
}

function show(row, count, bound) {
  const rows = part('stream-rows');
  rows.insertAdjacentHTML('beforeend', row);
  while (rows.rows.length > bound) rows.rows[0].remove();
  part('stream-none').hidden = true;
  part('stream-table').hidden = false;
  part('stream-count').textContent = count;
  const box = rows.closest('.stream');
  box.scrollTop = box.scrollHeight;
}

function finish(how) {
  stop();
  const state = part('stream-state');
  if (!state) return;
  state.textContent = state.dataset[how];
  part('stop').disabled = true;
}

document.addEventListener('click', event => {
  if (event.target.closest('#stop')) finish('stopped');
});
