// Arrow keys inside one region, [data-walk]: to the nearest link in that direction. The region is
// one stop of the Tab key.
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEPS = '[data-part], [data-edge]';
// A step aside counts more than a step ahead, so that a row is walked before a row is left.
const SIDE_COST = 3;

function middle(element) {
  // A line is where its label stands: the middle of a line with corners lies beside it.
  const box = (element.querySelector('.grip') ?? element).getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

function nearest(from, others, [dx, dy]) {
  const [x, y] = middle(from);
  let best = null;
  let bestCost = Infinity;
  for (const other of others) {
    const [otherX, otherY] = middle(other);
    const ahead = (otherX - x) * dx + (otherY - y) * dy;
    const aside = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
    const cost = ahead + SIDE_COST * aside;
    if (ahead > 1 && cost < bestCost) [best, bestCost] = [other, cost];
  }
  return best;
}

document.addEventListener('keydown', event => {
  const direction = DIRECTIONS[event.key];
  const region = event.target.closest?.('[data-walk]');
  if (!direction || !region || event.altKey || event.ctrlKey || event.metaKey) return;
  const from = event.target.closest(STEPS);
  const others = [...region.querySelectorAll(STEPS)].filter(other => other !== from && other.getClientRects().length);
  const next = from && nearest(from, others, direction);
  event.preventDefault();
  if (next) next.focus();
});
