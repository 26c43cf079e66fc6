// Follows the learner's files: the portal judges them after every save, and the verdict comes here.
import { follow } from './live.js';

const page = document.getElementById('exercise');
const verdict = () => document.getElementById('verdict');
const isOn = target => verdict()?.contains(target);

// What was unfolded stays so, and whoever was on a button stays on it.
let before = { open: [], focused: '' };
function remember() {
  before = {
    open: [...verdict().querySelectorAll('details[open]')].map(one => one.id),
    // A button that is switched off meanwhile has lost its focus.
    focused: isOn(document.activeElement) ? document.activeElement.id : before.focused,
  };
}
function recall() {
  for (const id of before.open) document.getElementById(id)?.setAttribute('open', '');
  if (document.activeElement === document.body) document.getElementById(before.focused)?.focus();
  before = { open: [], focused: '' };
}

function show(html) {
  if (!verdict()) return;
  remember();
  window.htmx.swap('#verdict', html, { swapStyle: 'outerHTML' });
  recall();
}

function mark(isChecking) {
  if (!verdict()) return;
  if (isChecking) remember();
  verdict().classList.toggle('is-checking', isChecking);
  verdict().setAttribute('aria-busy', isChecking);
  for (const button of verdict().querySelectorAll('.act button')) button.disabled = isChecking;
}

follow(page.dataset.events, {
  checking: () => mark(true),
  verdict: event => show(event.data),
});

document.body.addEventListener('htmx:beforeRequest', event => {
  if (isOn(event.target)) mark(true);
});
document.body.addEventListener('htmx:beforeSwap', event => {
  if (isOn(event.target)) remember();
});
document.body.addEventListener('htmx:afterSwap', recall);
document.body.addEventListener('htmx:sendError', () => mark(false));
