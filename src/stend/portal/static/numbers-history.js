// What the stream has told, bounded as the ring of the portal is. While the picture is frozen, the
// news wait beside it, bounded by the same.
const KEPT_S = 900;
// Where points are farther apart than this, a line would tell of what nobody saw.
const GAP_S = 12;

export class History {
  times = [];
  figures = new Map();
  #held = null;

  get end() { return this.times.at(-1) ?? Date.now() / 1000; }

  replace(told) {
    if (this.#held) {
      this.#held = [told];
      return;
    }
    this.times = [...told.times];
    this.figures = new Map();
    for (const [figure, rows] of Object.entries(told.figures)) this.figures.set(figure, new Map(Object.entries(rows)));
    for (let index = this.times.length - 1; index > 0; index--) {
      if (this.times[index] - this.times[index - 1] > GAP_S) this.#tear(index);
    }
  }

  add(told) {
    if (this.#held) {
      this.#held.push(told);
      // An older history is worth nothing once its points would be forgotten.
      if (this.#held.length > KEPT_S * 2) this.#held.splice(1, KEPT_S);
      return;
    }
    const last = this.times.at(-1);
    // The clock of the stand was put back.
    if (last !== undefined && told.time <= last) this.replace({ times: [], figures: {} });
    if (last !== undefined && told.time - last > GAP_S) this.#append(last + GAP_S / 2, {});
    this.#append(told.time, told.figures);
    let old = 0;
    while (this.times[old] < told.time - KEPT_S) old++;
    if (old) this.#forget(old);
  }

  hold(isHeld) {
    const news = this.#held ?? [];
    this.#held = isHeld ? [] : null;
    for (const told of news) told.times ? this.replace(told) : this.add(told);
  }

  row(figure, row) { return this.figures.get(figure)?.get(row); }

  rows(figure) { return this.figures.get(figure)?.keys() ?? []; }

  #append(time, figures) {
    this.times.push(time);
    for (const [figure, rows] of Object.entries(figures)) {
      if (!this.figures.has(figure)) this.figures.set(figure, new Map());
      for (const row of Object.keys(rows)) {
        if (!this.figures.get(figure).has(row)) this.figures.get(figure).set(row, Array(this.times.length - 1).fill(null));
      }
    }
    this.#columns((column, figure, row) => column.push(figures[figure]?.[row] ?? null));
  }

  #tear(index) {
    this.times.splice(index, 0, this.times[index - 1] + GAP_S / 2);
    this.#columns(column => column.splice(index, 0, null));
  }

  #forget(count) {
    this.times.splice(0, count);
    this.#columns(column => column.splice(0, count));
  }

  #columns(work) {
    for (const [figure, rows] of this.figures) for (const [row, column] of rows) work(column, figure, row);
  }
}
