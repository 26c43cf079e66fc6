// A lesson: headings that can be linked, code that can be copied, and where in the contents one is.
import { confirm, toClipboard } from './copy.js';

const lesson = document.getElementById('lesson');
const headings = [...lesson.querySelectorAll('.prose :is(h2, h3)[id]')];

for (const heading of headings) {
  const link = document.createElement('a');
  link.className = 'anchor';
  link.href = `#${heading.id}`;
  link.textContent = '#';
  link.setAttribute('aria-label', lesson.dataset.link);
  heading.append(link);
}

for (const code of lesson.querySelectorAll('figure.code:not([data-attributes="output"])')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn sm sq';
  button.setAttribute('aria-label', lesson.dataset.copyWord);
  button.innerHTML = '<svg class="i" aria-hidden="true"><use href="#i-copy"/></svg>';
  button.addEventListener('click', async () => {
    await toClipboard(code.querySelector('pre').textContent.replace(/^\$ /gm, ''));
    confirm(button);
  });
  code.append(button);
}

// The last heading above the middle of the upper half is the one that is read.
const links = new Map([...lesson.querySelectorAll('.toc a')].map(link => [link.hash.slice(1), link]));
const listed = headings.filter(one => links.has(one.id));
function tell() {
  const read = listed.filter(one => one.getBoundingClientRect().top < innerHeight / 3).at(-1);
  for (const [id, link] of links) {
    if (read?.id === id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}
let isTold = false;
addEventListener('scroll', () => {
  if (isTold) return;
  isTold = true;
  requestAnimationFrame(() => { isTold = false; tell(); });
}, { passive: true });
tell();
