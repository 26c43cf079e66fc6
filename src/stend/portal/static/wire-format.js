// Numbers as the page's language writes them: the same rules as those of the server.
const NO_BREAK = '\u00a0';
const isRussian = document.documentElement.lang === 'ru';
const UNITS = isRussian ? ['Б', 'КБ', 'МБ', 'ГБ'] : ['B', 'kB', 'MB', 'GB'];
export const MS = isRussian ? 'мс' : 'ms';
const S = isRussian ? 'с' : 's';

export function decimal(value, digits) {
  const [whole, part] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, isRussian ? NO_BREAK : ',');
  return part ? `${grouped}${isRussian ? ',' : '.'}${part}` : grouped;
}

export function duration(ms) {
  if (ms >= 1000) return `${decimal(ms / 1000, 1)}${NO_BREAK}${S}`;
  return `${decimal(ms, ms < 1 ? 2 : ms < 100 ? 1 : 0)}${NO_BREAK}${MS}`;
}

export function size(count) {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) { value /= 1000; unit += 1; }
  return `${decimal(value, unit && value < 100 ? 1 : 0)}${NO_BREAK}${UNITS[unit]}`;
}
