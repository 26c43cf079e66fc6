// Follows an order: the portal calls the service and passes every event on as it comes.
let source = null;

const part = id => document.getElementById(id);

export function follow(query, answer) {
  stop();
  source = new EventSource(`/playground/events?${query}`);
  let count = 0;
  let opened = false;
  source.addEventListener('panel', event => {
    opened = true;
    answer.innerHTML = event.data;
  });
  source.addEventListener('head', event => { answer.querySelector('.stream-head').innerHTML = event.data; });
  source.addEventListener('row', event => {
    count += 1;
    show(event.data, count, Number(answer.querySelector('.stream').dataset.bound));
  });
  source.addEventListener('failure', event => {
    stop();
    answer.innerHTML = event.data;
  });
  source.addEventListener('end', event => finish(event.data));
  // Not reconnecting: the events would start from the beginning again.
  source.onerror = () => {
    if (!opened) answer.replaceChildren(part('lost').content.cloneNode(true));
    finish('broken');
  };
}

export function stop() {
  source?.close();
  source = null;
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
