// Copy buttons: [data-copy] carries the text, [data-copy-from] names its element, [data-copy-location]
// takes the address of the page.
const SHOWN_MS = 1200;

function textOf(button) {
  if (button.dataset.copyLocation !== undefined) return location.href;
  if (button.dataset.copyFrom) return document.getElementById(button.dataset.copyFrom).textContent;
  return button.dataset.copy;
}

export async function toClipboard(text) {
  // Only a secure context has the clipboard; 127.0.0.1 is one, another host name may be none.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function confirm(button, words = document.getElementById('said').dataset.copied) {
  const use = button.querySelector('use');
  const before = button.dataset.mark ?? use.getAttribute('href');
  button.dataset.mark = before;
  button.classList.add('done');
  use.setAttribute('href', '#i-check');
  const said = document.getElementById('said');
  said.textContent = words;
  setTimeout(() => {
    button.classList.remove('done');
    use.setAttribute('href', before);
    said.textContent = '';
  }, SHOWN_MS);
}

document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy], [data-copy-from], [data-copy-location]');
  if (!button) return;
  await toClipboard(textOf(button));
  confirm(button);
});
