// The tabs of the same call. The last one chosen wins; before any choice, the one of the protocol.
import { session } from './store.js';

const same = document.getElementById('same');

function wanted() {
  const chosen = session.get('snippet');
  const panels = [...same.querySelectorAll('[data-tabpanel]')];
  const protocol = document.querySelector('#request [name=protocol]').value;
  return panels.find(panel => panel.dataset.tabpanel === chosen)
    ?? panels.find(panel => panel.dataset.protocol === protocol)
    ?? panels[0];
}

function show() {
  const panel = wanted();
  for (const other of same.querySelectorAll('[data-tabpanel]')) other.classList.toggle('on', other === panel);
  for (const tab of same.querySelectorAll('[data-tab]')) {
    const selected = tab.dataset.tab === panel?.dataset.tabpanel;
    tab.setAttribute('aria-selected', selected);
    tab.tabIndex = selected ? 0 : -1;
  }
}

function choose(tab) {
  session.set('snippet', tab.dataset.tab);
  show();
}

same.addEventListener('click', event => {
  const tab = event.target.closest('[data-tab]');
  if (tab) choose(tab);
});

same.addEventListener('keydown', event => {
  const tab = event.target.closest('[data-tab]');
  const step = { ArrowLeft: 'previousElementSibling', ArrowRight: 'nextElementSibling' }[event.key];
  if (!tab || !step || !tab[step]) return;
  choose(tab[step]);
  tab[step].focus();
});

document.addEventListener('htmx:afterSwap', event => { if (event.detail.target === same) show(); });
show();
