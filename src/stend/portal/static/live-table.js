// Rows of a table that changes while somebody reads it: a click anywhere opens what a row's link leads
// to, the arrow keys go from row to row, and the page is told whether it may replace them now.
const STEPS = {
  ArrowDown: row => row.nextElementSibling,
  ArrowUp: row => row.previousElementSibling,
  Home: row => row.parentElement.firstElementChild,
  End: row => row.parentElement.lastElementChild,
};

// `released` is called whenever somebody may have let go of the table in `box`; what is returned tells
// whether somebody points at it or has its focus.
export function liveTable(box, released) {
  let isPointed = false;
  box.addEventListener('pointerenter', () => { isPointed = true; });
  box.addEventListener('pointerleave', () => { isPointed = false; released(); });
  box.addEventListener('focusout', released);
  box.addEventListener('click', event => {
    const row = event.target.closest('tr.pick');
    if (row && !event.target.closest('a')) open(row);
  });
  box.addEventListener('keydown', event => {
    const row = event.target.closest('tr.pick');
    if (row) press(event, row);
  });
  return () => isPointed || Boolean(box.querySelector('tbody')?.contains(document.activeElement));
}

function open(row) {
  row.querySelector('a').click();
}

function press(event, row) {
  if (event.key === 'Enter') { open(row); return; }
  if (event.key === 'Escape') { row.blur(); return; }
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const to = step(row);
  if (!to) return;
  row.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}
