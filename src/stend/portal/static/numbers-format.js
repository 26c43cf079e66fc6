// Numbers and moments as the language of the page writes them; the same rules as pages/numbers.py.
const language = document.documentElement.lang;
const formats = new Map();

function decimal(value, digits) {
  if (!formats.has(digits)) {
    formats.set(digits, new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  return formats.get(digits).format(value);
}

export function shown(value, unit) {
  if (value === null || value === undefined) return '–';
  if (value === 0 || unit === 'count') return decimal(value, 0);
  return decimal(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

const short = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
export const tick = value => short.format(value);

// Of an axis: seconds only where they say something.
export function moment(seconds) {
  const text = clock(new Date(seconds * 1000));
  return seconds % 60 ? text : text.slice(0, 5);
}

export const clock = moment => moment.toLocaleTimeString('ru', { hour12: false });
