// The box below a GraphQL schema: sends what stands in it to the service, from this very page.
const form = document.querySelector('.query-form');
const text = document.getElementById('query-text');
const variables = document.getElementById('query-variables');
const state = document.getElementById('query-state');
const answer = document.getElementById('query-answer');
const button = form.querySelector('button');

function tell(word, good) {
  state.textContent = word;
  state.className = `st ${good ? 'ok' : 'bad'}`;
}

function show(body) {
  delete answer.dataset.empty;
  try {
    answer.textContent = JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    answer.textContent = body;
  }
}

function readVariables() {
  const written = variables.value.trim();
  if (!written) return {};
  const read = JSON.parse(written);
  if (read === null || typeof read !== 'object' || Array.isArray(read)) throw new SyntaxError('no object');
  return read;
}

async function send() {
  let values;
  try {
    values = readVariables();
  } catch {
    tell(form.dataset.bad, false);
    return;
  }
  button.disabled = true;
  try {
    const response = await fetch(form.dataset.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
      body: JSON.stringify({ query: text.value, variables: values }),
    });
    show(await response.text());
    tell(`${response.status} ${response.statusText}`, response.ok);
  } catch {
    tell(form.dataset.lost, false);
  } finally {
    button.disabled = false;
  }
}

form.addEventListener('submit', event => {
  event.preventDefault();
  send();
});

form.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (!button.disabled) send();
  }
});
