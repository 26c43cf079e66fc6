// The price list: which protocols are called, and what the network would add to what was measured.
import { decimal, duration, MS } from './wire-format.js';
import { enliven } from './wire.js';

const NO_BREAK = '\u00a0';
// RFC 6298 §2.2: the first timer is three round trips; Linux never waits less than this.
const LEAST_TIMER_MS = 200;
const TIMER_TRIPS = 3;
const panel = document.getElementById('price');

function calculate() {
  const rtt = Number(document.getElementById('rtt').value);
  const loss = Number(document.getElementById('loss').value) / 100;
  document.getElementById('rtt-out').textContent = `${decimal(rtt, 0)}${NO_BREAK}${MS}`;
  document.getElementById('loss-out').textContent = `${decimal(loss * 100, 1)}${NO_BREAK}%`;
  const timer = Math.max(LEAST_TIMER_MS, TIMER_TRIPS * rtt);
  const paths = [...panel.querySelectorAll('.wf')].map(path => {
    const { total, trips, opened, packets } = path.dataset;
    const net = rtt * (Number(trips) + Number(opened));
    // Each round trip has a packet at least each way; a new connection has three.
    const sent = Math.max(Number(packets), 2 * Number(trips)) + 3 * Number(opened);
    const lost = loss * sent * timer;
    return { path, net, lost, whole: Number(total) + net + lost };
  });
  const longest = Math.max(...paths.map(one => one.whole), 0);
  for (const { path, net, lost, whole } of paths) {
    const lay = (part, length) => { part.style.width = `${longest ? length / longest * 100 : 0}%`; };
    for (const part of path.querySelectorAll('i[data-ms]')) lay(part, Number(part.dataset.ms));
    lay(path.querySelector('.net'), net);
    lay(path.querySelector('.loss'), lost);
    path.querySelector('.tot').textContent = duration(whole);
  }
  const how = document.getElementById('how');
  if (!how) return;
  const isMeasured = rtt === 0 && loss === 0;
  how.textContent = isMeasured ? how.dataset.measured : how.dataset.calculated;
  how.classList.toggle('calculated', !isMeasured);
}

if (panel) {
  for (const id of ['rtt', 'loss']) document.getElementById(id).addEventListener('input', calculate);
  document.getElementById('with-all').addEventListener('click', () => {
    const boxes = [...panel.querySelectorAll('input[name=with]:not(:disabled)')];
    const on = boxes.some(box => !box.checked);
    for (const box of boxes) box.checked = on;
    document.getElementById('request').dispatchEvent(new Event('input', { bubbles: true }));
  });
  // A box outside of the form belongs to it, and yet its events do not pass through it.
  panel.addEventListener('change', event => {
    if (event.target.form) event.target.form.dispatchEvent(new Event('input', { bubbles: true }));
  });
  document.addEventListener('htmx:oobAfterSwap', event => {
    if (event.detail.target.id === 'panes') enliven(event.detail.target);
    if (event.detail.target.id === 'price-rows') calculate();
  });
  calculate();
}
