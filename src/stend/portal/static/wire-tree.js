// The tree of fields. Only the rows in sight are in the page, and the one that has the focus: a
// message of a megabyte has a hundred thousand of them.
const ROW_PX = 20;
const AROUND = 12;
// A small tree is open as a whole; of a larger one, what stands at the top.
const OPEN_AT_ONCE = 60;

export class FieldTree {
  // `tell`: hover(row or -1), pin(row), let go(), walk(row).
  constructor(box, tell) {
    this.box = box;
    this.tell = tell;
    this.unit = null;
    this.shown = [];
    this.open = new Set();
    this.drawn = new Map();
    this.active = 0;
    this.pinned = -1;
    this.hot = -1;
    box.setAttribute('role', 'tree');
    box.setAttribute('aria-label', box.dataset.label);
    box.addEventListener('scroll', () => this.draw());
    box.addEventListener('keydown', event => this.#key(event));
    box.addEventListener('click', event => this.#click(event));
    box.addEventListener('mouseover', event => {
      const row = event.target.closest('[role=treeitem]');
      if (row) tell.hover(Number(row.dataset.row));
    });
    box.addEventListener('mouseleave', () => tell.hover(-1));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  show(unit) {
    this.unit = unit;
    this.pinned = this.hot = -1;
    this.active = 0;
    this.open.clear();
    const few = unit.rows.length <= OPEN_AT_ONCE;
    unit.rows.forEach((row, at) => {
      // A group that says it all by itself, as a header does, opens when somebody wants its pieces.
      if (row.hasBelow && row.depth < (few ? 9 : 2) && (row.value === '' || row.depth === 0)) this.open.add(at);
    });
    this.room = document.createElement('div');
    this.room.className = 'room';
    this.box.replaceChildren(this.room);
    this.drawn.clear();
    this.box.scrollTop = 0;
    this.#list();
  }

  #list() {
    this.shown = [];
    const rows = this.unit.rows;
    for (let at = 0; at < rows.length; at += 1) {
      this.shown.push(at);
      if (!rows[at].hasBelow || this.open.has(at)) continue;
      const depth = rows[at].depth;
      while (at + 1 < rows.length && rows[at + 1].depth > depth) at += 1;
    }
    this.places = new Map(this.shown.map((row, place) => [row, place]));
    if (!this.places.has(this.active)) this.active = 0;
    this.room.style.height = `${this.shown.length * ROW_PX}px`;
    for (const [at, element] of this.drawn) if (!this.places.has(at)) { element.remove(); this.drawn.delete(at); }
    this.draw();
  }

  draw() {
    if (!this.unit) return;
    const first = Math.max(Math.floor(this.box.scrollTop / ROW_PX) - AROUND, 0);
    const last = Math.min(first + Math.ceil(this.box.clientHeight / ROW_PX) + 2 * AROUND, this.shown.length);
    const wanted = new Set(this.shown.slice(first, last));
    if (this.shown.length) wanted.add(this.active);
    for (const [at, element] of this.drawn) if (!wanted.has(at)) { element.remove(); this.drawn.delete(at); }
    for (const at of wanted) if (!this.drawn.has(at)) this.#make(at);
    for (const [at, element] of this.drawn) this.#dress(at, element);
  }

  #make(at) {
    const row = this.unit.rows[at];
    const element = document.createElement('div');
    element.setAttribute('role', 'treeitem');
    element.setAttribute('aria-level', row.depth + 1);
    element.dataset.row = at;
    element.dataset.path = this.unit.path(at);
    for (const [name, text] of [['n', row.name], ['v', row.why ?? row.value], ['b', row.end - row.start]]) {
      const part = document.createElement('span');
      part.className = name;
      part.textContent = text;
      element.append(part);
    }
    element.querySelector('.n').style.setProperty('--d', Math.min(row.depth, 12));
    element.querySelector('.v').title = row.why ?? row.value;
    this.drawn.set(at, element);
    this.room.append(element);
  }

  #dress(at, element) {
    const row = this.unit.rows[at];
    element.style.top = `${this.places.get(at) * ROW_PX}px`;
    element.className = [
      row.hasBelow ? 'grp' : '', row.isPayload ? 'y' : '', row.why ? 'why' : '', row.space ? 'inner' : '',
      at === this.hot ? 'hot' : '',
    ].filter(Boolean).join(' ');
    element.tabIndex = at === this.active ? 0 : -1;
    element.setAttribute('aria-selected', at === this.pinned);
    if (row.hasBelow) element.setAttribute('aria-expanded', this.open.has(at));
  }

  mark({ hot = this.hot, pinned = this.pinned }) {
    this.hot = hot;
    this.pinned = pinned;
    this.draw();
  }

  // Opens whatever hides a row, and brings it into sight inside the box, never by moving the page.
  reveal(at) {
    let parent = this.unit.rows[at].parent;
    let opened = false;
    while (parent !== -1) {
      opened ||= !this.open.has(parent);
      this.open.add(parent);
      parent = this.unit.rows[parent].parent;
    }
    if (opened) this.#list();
    const top = this.places.get(at) * ROW_PX;
    const { scrollTop, clientHeight } = this.box;
    if (top < scrollTop || top + ROW_PX > scrollTop + clientHeight) this.box.scrollTop = top - clientHeight / 2;
    this.draw();
  }

  goTo(at, { focus = true } = {}) {
    this.active = at;
    this.reveal(at);
    if (focus) this.drawn.get(at).focus({ preventScroll: true });
  }

  fold(at, open) {
    if (open) this.open.add(at); else this.open.delete(at);
    this.#list();
  }

  #click(event) {
    const element = event.target.closest('[role=treeitem]');
    if (!element) return;
    const at = Number(element.dataset.row);
    const row = this.unit.rows[at];
    const isMark = event.offsetX < 18 + 12 * row.depth && event.target.classList.contains('n');
    this.active = at;
    if (row.hasBelow && (isMark || at === this.pinned)) this.fold(at, !this.open.has(at));
    this.goTo(at);
    if (!isMark) this.tell.pin(at);
  }

  #key(event) {
    if (!this.unit || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); this.tell.pin(this.active); return; }
    if (event.key === 'Escape') { event.preventDefault(); this.tell.letGo(); return; }
    const to = this.#next(event.key);
    if (to === null) return;
    event.preventDefault();
    if (to === undefined) return;
    this.goTo(to);
    this.tell.walk(to);
  }

  // Null: no key of ours. Undefined: nowhere to go.
  #next(key) {
    const place = this.places.get(this.active);
    const row = this.unit.rows[this.active];
    switch (key) {
      case 'ArrowDown': return this.shown[place + 1];
      case 'ArrowUp': return this.shown[place - 1];
      case 'Home': return this.shown[0];
      case 'End': return this.shown.at(-1);
      case 'ArrowRight':
        if (!row.hasBelow) return undefined;
        if (this.open.has(this.active)) return this.shown[place + 1];
        this.fold(this.active, true);
        return this.active;
      case 'ArrowLeft':
        if (!row.hasBelow || !this.open.has(this.active)) return row.parent === -1 ? undefined : row.parent;
        this.fold(this.active, false);
        return this.active;
      default: return null;
    }
  }
}
