// A demo: its sliders, and the bytes that it shows.
import { enliven } from './wire.js';

// The number of a slider stands beside it while it is moved.
const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 3 });

for (const slider of document.querySelectorAll('.controls input[type="range"]')) {
  const output = document.querySelector(`output[for="${slider.id}"]`);
  slider.addEventListener('input', () => {
    output.textContent = `${format.format(slider.valueAsNumber)}\u00a0${output.dataset.unit}`.trim();
  });
}

// Bytes come with the result, and their trees behind them.
document.body.addEventListener('htmx:afterSwap', () => enliven(document));
