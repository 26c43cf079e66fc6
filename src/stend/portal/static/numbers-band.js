// A band: the table of values, which is the legend, too, its charts, and the query of what is chosen.
import { Chart } from './numbers-chart.js';
import { clock, shown } from './numbers-format.js';

const style = element => getComputedStyle(element);
const token = name => style(document.documentElement).getPropertyValue(name).trim();

export class Band {
  #rows = [];
  #chosen = null;
  #asked = false;
  #isTold = false;

  // `look` is told of the cursor, `choose` of the query of what is chosen, or null.
  constructor(part, history, view, look, choose) {
    this.part = part;
    this.history = history;
    this.view = view;
    this.choose = choose;
    this.table = part.querySelector('.values');
    this.body = this.table.tBodies[0];
    this.at = part.querySelector('.at');
    const on = { look, near: row => this.#mark(row), pick: (figure, row) => this.#choose(figure, row) };
    this.charts = [...part.querySelectorAll('.chart')].map(one => new Chart(one, history, view, () => this.#rows, on));
    this.units = new Map(this.charts.map(one => [one.key, one.part.dataset.unit]));
    this.table.addEventListener('click', event => this.#onClick(event));
    this.table.addEventListener('keydown', event => this.#onKey(event));
    this.table.addEventListener('pointerover', event => this.#light(event.target.closest('[data-row]')));
    this.table.addEventListener('pointerleave', () => this.#light(null));
    this.#know();
  }

  // A row that the table does not have comes from the portal, with its name and its mark.
  async meet() {
    const known = new Set(this.#rows.map(row => row.key));
    const isNew = this.charts.some(one => [...this.history.rows(one.key)].some(row => !known.has(row)));
    if (!isNew || this.#asked || this.table.matches(':hover')) return;
    this.#asked = true;
    try {
      const answer = await fetch(`/numbers/fragment?band=${this.part.dataset.band}`);
      if (!answer.ok) return;
      this.body.innerHTML = await answer.text();
      this.#know();
      this.#show();
      this.tell();
    } catch {
      // The next point asks again.
    } finally {
      this.#asked = false;
    }
  }

  refresh(isDrawn) {
    if (isDrawn) this.draw();
    this.tell();
  }

  draw() {
    for (const chart of this.charts) chart.draw();
  }

  recolour() {
    this.#know();
  }

  tell() {
    const { times } = this.history;
    const index = this.view.index ?? times.length - 1;
    this.at.textContent = times.length ? clock(new Date(times[index] * 1000)) : '';
    this.table.classList.toggle('past', this.view.index !== null);
    for (const row of this.body.rows) {
      for (const cell of row.querySelectorAll('.cell')) {
        const { figure } = cell.dataset;
        const text = shown(this.history.row(figure, row.dataset.row)?.[index], this.units.get(figure));
        if (cell.firstChild.textContent !== text) cell.firstChild.textContent = text;
      }
    }
  }

  #know() {
    this.#rows = [...this.body.querySelectorAll('[data-row]')].map(row => ({
      key: row.dataset.row,
      colour: style(row).getPropertyValue('--c').trim(),
      dash: row.dataset.dash?.split(' ').map(Number),
    }));
    const palette = { ink: token('--ink-3'), line: token('--line'), font: `12px ${token('--sans')}` };
    for (const chart of this.charts) chart.make(palette);
  }

  // ---- choosing ----

  // Another band has what is chosen now.
  clear() {
    if (!this.#chosen) return;
    this.#chosen = null;
    this.#isTold = false;
    this.#show();
  }

  #choose(figure, row) {
    const isSame = this.#chosen?.figure === figure && this.#chosen?.row === row;
    this.#chosen = isSame ? null : { figure, row };
    this.#show();
  }

  #show() {
    let query = null;
    for (const cell of this.table.querySelectorAll('.cell')) {
      const row = cell.closest('[data-row]');
      const isChosen = this.#chosen !== null && cell.dataset.figure === this.#chosen.figure && (row?.dataset.row ?? null) === this.#chosen.row;
      cell.setAttribute('aria-pressed', isChosen);
      if (isChosen) query = cell.dataset.query;
    }
    for (const row of this.body.rows) row.setAttribute('aria-selected', this.#chosen !== null && row.dataset.row === this.#chosen.row);
    for (const chart of this.charts) {
      chart.part.classList.toggle('picked', chart.key === this.#chosen?.figure);
      chart.light(this.#chosen?.row ?? null);
    }
    if (this.#chosen || this.#isTold) this.choose(this, query);
    this.#isTold = query !== null;
  }

  #mark(near) {
    for (const row of this.body.rows) row.classList.toggle('near', near !== null && row.dataset.row === near);
    if (near === null) this.#light(null);
  }

  #light(row) {
    for (const chart of this.charts) chart.light(row?.dataset.row ?? this.#chosen?.row ?? null);
  }

  #onClick(event) {
    const cell = event.target.closest('.cell');
    if (!cell) return;
    this.#stop(cell);
    this.#choose(cell.dataset.figure, cell.closest('[data-row]')?.dataset.row ?? null);
  }

  // ---- keys: the table is one stop, arrows walk its cells ----

  #onKey(event) {
    const cell = event.target.closest('.cell');
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape' && this.#chosen) this.#choose(this.#chosen.figure, this.#chosen.row);
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!across && !down) return;
    event.preventDefault();
    const line = cell.closest('tr');
    const next = this.table.rows[line.rowIndex + down]?.cells[cell.parentElement.cellIndex + across]?.querySelector('.cell');
    if (!next) return;
    this.#stop(next);
    next.focus();
  }

  #stop(cell) {
    for (const other of this.table.querySelectorAll('.cell')) other.tabIndex = other === cell ? 0 : -1;
  }
}
