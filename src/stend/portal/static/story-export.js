// The other forms of a story: texts to the clipboard, and a picture of pixels, which the browser
// makes from the SVG.
import { confirm, toClipboard } from './copy.js';

const SCALE = 2;
const SAVING_MS = 1200;
// A browser draws no larger canvas.
const MOST_PIXELS = 16384;

const menu = document.getElementById('export');
const address = form => {
  const url = new URL(menu.querySelector(`[data-save="${form}"]`).href);
  url.searchParams.delete('save');
  return url;
};

async function text(form) {
  const answer = await fetch(address(form));
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

async function copy(button) {
  await toClipboard(await text(button.dataset.form));
  confirm(button, button.dataset.copied);
}

async function png(button) {
  const drawing = await text('svg');
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing)}`;
  await image.decode();
  const scale = Math.min(SCALE, MOST_PIXELS / image.naturalHeight, MOST_PIXELS / image.naturalWidth);
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(image.naturalWidth * scale);
  canvas.height = Math.floor(image.naturalHeight * scale);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise(done => { canvas.toBlob(done, 'image/png'); });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = button.dataset.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVING_MS);
}

menu.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button?.dataset.form) copy(button);
  else if (button?.id === 'png') png(button);
});
menu.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
document.addEventListener('click', event => { if (!menu.contains(event.target)) menu.open = false; });
