// One chart: all rows of a band for one figure. Colours come from the table, which is the legend.
import { moment, tick } from './numbers-format.js';

const NEAR_PX = 16;
const STEPS_S = [5, 10, 15, 20, 30, 60, 120, 300, 600];
const SYNC = 'numbers';
const { uPlot } = window;

export class Chart {
  #plot = null;
  #near = null;
  #isSeen = true;
  #palette = {};

  // `rows` gives those of the table: key, colour, dash. `on` is told of look, near and pick.
  constructor(figure, history, view, rows, on) {
    this.part = figure;
    this.key = figure.dataset.figure;
    this.history = history;
    this.view = view;
    this.rows = rows;
    this.on = on;
    this.box = figure.querySelector('.plot');
    new ResizeObserver(() => this.#resize()).observe(this.box);
    new IntersectionObserver(([entry]) => {
      this.#isSeen = entry.isIntersecting;
      if (this.#isSeen) this.draw();
    }).observe(figure);
  }

  // Anew: other rows, or other colours.
  make(palette) {
    this.#palette = palette;
    this.#plot?.destroy();
    this.#plot = null;
    this.draw();
  }

  draw() {
    if (!this.#isSeen || !this.box.clientWidth) return;
    this.#plot ??= new uPlot(this.#options(), this.#data(), this.box);
    this.#plot.setData(this.#data());
  }

  light(row) {
    const index = row === null ? null : this.rows().findIndex(one => one.key === row) + 1;
    this.#plot?.setSeries(index || null, { focus: true }, false);
  }

  #data() {
    const { times } = this.history;
    const nothing = Array(times.length).fill(null);
    return [times, ...this.rows().map(row => this.history.row(this.key, row.key) ?? nothing)];
  }

  #resize() {
    if (this.#plot) this.#plot.setSize({ width: this.box.clientWidth, height: this.box.clientHeight });
    else this.draw();
  }

  #options() {
    const { ink, line, font } = this.#palette;
    const axis = { font, stroke: ink, ticks: { show: false }, grid: { stroke: line, width: 1 } };
    return {
      width: this.box.clientWidth,
      height: this.box.clientHeight,
      padding: [6, 18, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        focus: { prox: NEAR_PX },
        sync: { key: SYNC, setSeries: false },
        points: { size: 6 },
        bind: { dblclick: () => null },
      },
      focus: { alpha: 0.25 },
      scales: {
        x: { time: true, range: () => [this.view.end - this.view.range, this.view.end] },
        // A little room at the top; a picture of zeros is a line at the bottom.
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...axis, size: 22, gap: 4, space: 68, incrs: STEPS_S, values: (_, splits) => splits.map(moment) },
        { ...axis, size: 36, gap: 4, space: (_, __, ___, ____, room) => Math.max(26, room / 5), label: this.part.dataset.unitName, labelFont: font, labelSize: 16, labelGap: 0, values: (_, splits) => splits.map(tick) },
      ],
      series: [{}, ...this.rows().map(row => ({
        stroke: row.colour,
        width: 1.5,
        dash: row.dash,
        points: { show: false },
        spanGaps: false,
      }))],
      hooks: {
        setCursor: [plot => this.on.look(plot.cursor.left < 0 ? null : plot.cursor.idx)],
        setSeries: [(_, index, options) => {
          if (options.focus === undefined || options.focus === null) return;
          this.#near = index ? this.rows()[index - 1]?.key ?? null : null;
          this.on.near(this.#near);
        }],
        ready: [plot => plot.over.addEventListener('click', () => this.on.pick(this.key, this.#near))],
      },
    };
  }
}
