// Behaviour of every page: theme, menu, language. The rest is imported.
import './banner.js';
import './copy.js';
import './fragment.js';
import './stand.js';
import { lasting } from './store.js';

const root = document.documentElement;

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

document.getElementById('theme').addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  lasting.set('theme', root.dataset.theme);
});

document.getElementById('menu').addEventListener('click', event => {
  const open = document.getElementById('rail').classList.toggle('open');
  event.currentTarget.setAttribute('aria-expanded', open);
});

// The cookie keeps the language from here on: an address that is sent on should not carry it.
const here = new URL(location.href);
if (here.searchParams.has('lang')) {
  here.searchParams.delete('lang');
  history.replaceState(history.state, '', here);
}

// The switch leads to the state that the page is in now, not to the one it was loaded in.
for (const link of document.querySelectorAll('[data-language]')) {
  link.addEventListener('click', () => {
    const target = new URL(location.href);
    target.searchParams.set('lang', link.dataset.language);
    link.href = target.href;
  });
}
