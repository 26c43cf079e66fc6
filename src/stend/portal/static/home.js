// Choosing a part of the stand: by its node, its row, or a link to it. The address keeps the choice.
import './walk.js';
import { refresh } from './fragment.js';
import { lasting } from './store.js';

const root = document.documentElement;

function show(part) {
  const home = document.getElementById('home');
  home.dataset.fragment = `/stand/fragment/home${part ? `?part=${encodeURIComponent(part)}` : ''}`;
  refresh(home);
}

document.addEventListener('click', event => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest('[data-part]') ?? event.target.closest('tr.pick')?.querySelector('[data-part]');
  if (!link) return;
  event.preventDefault();
  const { part } = link.dataset;
  history.pushState({}, '', `/?part=${encodeURIComponent(part)}`);
  show(part);
});

addEventListener('popstate', () => show(new URLSearchParams(location.search).get('part')));

// Direct or through the tap: one choice for all parts.
function showRoute() {
  const route = root.dataset.route === 'tap' ? 'tap' : 'direct';
  for (const button of document.querySelectorAll('button[data-route]')) {
    button.setAttribute('aria-pressed', button.dataset.route === route);
  }
}

document.addEventListener('click', event => {
  const button = event.target.closest('button[data-route]');
  if (!button) return;
  root.dataset.route = button.dataset.route;
  lasting.set('route', button.dataset.route);
  showRoute();
});

document.addEventListener('htmx:afterSwap', showRoute);
showRoute();
