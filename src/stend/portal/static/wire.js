// The view of one exchange byte by byte: the unit that is chosen, its tree and its dump, linked both
// ways, and the sentence on the field that is looked at. A field has an address: #u2.f/headers/etag.
import { HexDump } from './wire-hex.js';
import { FieldTree } from './wire-tree.js';
import { Unit } from './wire-unit.js';

const LOADING_AFTER_MS = 200;
const RETRY_MS = 2000;
const NONE = -1;

class WireView {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.isAnchored = root.dataset.anchored !== undefined;
    this.unit = null;
    this.space = 0;
    this.pinned = NONE;
    this.hot = NONE;
    this.cameFrom = null;
    const part = name => root.querySelector(name);
    this.spec = part('.spec');
    this.spaces = part('.spaces');
    this.how = part('.space-how');
    this.tree = new FieldTree(part('.tree'), {
      hover: at => this.look(at), walk: at => this.look(at, { follow: true }),
      pin: at => this.pin(at), letGo: () => this.letGo(),
    });
    this.hex = new HexDump(part('.hexbox'), {
      hoverByte: offset => this.look(offset === NONE ? NONE : this.unit?.owner(this.space, offset) ?? NONE, { inTree: true }),
      pinByte: offset => this.pin(this.unit?.owner(this.space, offset) ?? NONE),
    });
    this.units = part('.units');
    this.units.addEventListener('click', event => this.#chosen(event));
    this.units.addEventListener('keydown', event => this.#walkUnits(event));
    this.spaces.addEventListener('click', event => {
      const button = event.target.closest('button');
      if (button) this.turn(button.dataset.space === 'wire' ? 0 : this.inner);
    });
    part('.tree').addEventListener('focusin', event => {
      if (event.relatedTarget && !part('.tree').contains(event.relatedTarget)) this.cameFrom = event.relatedTarget;
    });
    for (const link of this.units.querySelectorAll('a')) link.tabIndex = link.hasAttribute('aria-current') ? 0 : -1;
  }

  // ---- which unit ----

  #chosen(event) {
    const link = event.target.closest('a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.open(Number(link.dataset.number));
  }

  #walkUnits(event) {
    const links = [...this.units.querySelectorAll('a')];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    if (!links[to]) return;
    links[to].focus();
    this.open(Number(links[to].dataset.number));
  }

  async open(number, path = '') {
    this.number = number;
    for (const link of this.units.querySelectorAll('a')) {
      const isChosen = Number(link.dataset.number) === number;
      link.toggleAttribute('aria-current', isChosen);
      if (isChosen) {
        link.setAttribute('aria-current', 'true');
        this.root.querySelector('.unit-name').textContent = link.dataset.name;
        this.root.querySelector('.unit-more').textContent = link.dataset.summary;
      }
      link.tabIndex = isChosen ? 0 : -1;
      // Inside its own box, never by moving the page.
      if (isChosen) this.units.scrollTop = link.offsetTop - link.offsetHeight / 2;
    }
    const timer = setTimeout(() => this.root.classList.add('loading'), this.unit ? LOADING_AFTER_MS : 0);
    this.root.setAttribute('aria-busy', 'true');
    const packed = await this.#ask(number);
    clearTimeout(timer);
    if (packed === undefined || this.number !== number) return;
    this.root.classList.remove('loading');
    this.root.removeAttribute('aria-busy');
    if (packed) this.#show(new Unit(packed), path);
    else this.#nothing(this.words.gone);
  }

  // Undefined: ask again later. Null: there is nothing to be had.
  async #ask(number) {
    try {
      const answer = await fetch(this.units.querySelector(`a[data-number="${number}"]`).dataset.address);
      if (answer.ok) return await answer.json();
      if (answer.status === 404 || answer.status === 410) return null;
    } catch { /* the portal is silent */ }
    this.#nothing(this.words.lost);
    setTimeout(() => { if (this.number === number && this.root.isConnected) this.open(number); }, RETRY_MS);
    return undefined;
  }

  #nothing(text) {
    this.unit = null;
    this.root.classList.remove('loading');
    const line = document.createElement('p');
    line.className = 'state';
    line.textContent = text;
    this.tree.unit = null;
    this.tree.box.replaceChildren(line);
    this.hex.show(new Uint8Array(), () => false);
  }

  #show(unit, path) {
    this.unit = unit;
    this.pinned = this.hot = NONE;
    this.inner = unit.spaces.length > 1 ? 1 : 0;
    this.tree.show(unit);
    if (!unit.rows.length) this.#note(this.tree.box, this.words.empty);
    if (unit.leftOff) this.#note(this.tree.box, this.words.left_off.replace('{count}', unit.leftOff));
    this.turn(0);
    this.#tell(NONE);
    const at = path ? unit.find(path) : NONE;
    if (at === NONE) { if (this.isAnchored) this.#keepAddress(); return; }
    this.tree.goTo(at, { focus: false });
    this.pin(at);
  }

  #note(box, text) {
    const line = document.createElement('p');
    line.className = 'state';
    line.textContent = text;
    box.append(line);
  }

  // ---- which bytes ----

  turn(space) {
    this.space = space;
    if (space) this.inner = space;
    const { data, size, how, owner } = this.unit.spaces[space];
    const note = data.length < size ? this.words.cut.replace('{shown}', data.length).replace('{count}', size) : '';
    this.hex.marks = { on: null, hot: null };
    this.hex.show(data, at => this.unit.rows[this.unit.owner(space, at)]?.isPayload ?? false, note);
    this.spaces.hidden = this.unit.spaces.length < 2;
    this.how.hidden = this.spaces.hidden;
    this.how.textContent = space
      ? `${how}, ${this.words.from.replace('{field}', this.unit.rows[owner].name)}` : this.words.here;
    for (const button of this.spaces.children) button.setAttribute('aria-pressed', (button.dataset.space === 'wire') === (space === 0));
    this.#paint();
  }

  // ---- which field ----

  look(at, { inTree = false, follow = false } = {}) {
    if (!this.unit) return;
    this.hot = at;
    if (at !== NONE && follow && this.unit.rows[at].space !== this.space) this.turn(this.unit.rows[at].space);
    this.tree.mark({ hot: at });
    if (inTree && at !== NONE) this.tree.reveal(at);
    this.#paint();
    if (follow && at !== NONE) this.#reveal(at);
    this.#tell(at === NONE ? this.pinned : at);
  }

  pin(at) {
    if (!this.unit || at === NONE) return;
    this.pinned = at;
    this.inner = this.unit.innerOf(at) || this.inner;
    if (this.unit.rows[at].space !== this.space) this.turn(this.unit.rows[at].space);
    this.tree.active = at;
    this.tree.reveal(at);
    this.tree.mark({ pinned: at });
    this.#paint();
    this.#reveal(at);
    this.#tell(at);
    this.#keepAddress();
  }

  letGo() {
    const had = this.pinned !== NONE;
    this.pinned = this.hot = NONE;
    this.tree.mark({ pinned: NONE, hot: NONE });
    this.#paint();
    this.#tell(NONE);
    this.#keepAddress();
    const back = this.cameFrom?.isConnected ? this.cameFrom : this.units.querySelector('[aria-current]');
    if (had || this.cameFrom) back?.focus({ preventScroll: true });
  }

  #paint() {
    const span = at => (at === NONE ? null : this.unit.spanIn(this.space, at));
    this.hex.mark({ on: span(this.pinned), hot: span(this.hot) });
  }

  #reveal(at) {
    const span = this.unit.spanIn(this.space, at);
    if (span) this.hex.reveal(span);
  }

  #tell(at) {
    const [name, source] = this.spec.querySelector('.where').children;
    const says = this.spec.querySelector('p');
    this.spec.classList.toggle('why', at !== NONE && this.unit.rows[at].why !== null);
    if (at === NONE) {
      name.textContent = source.textContent = '';
      says.textContent = this.words.pick;
      return;
    }
    const row = this.unit.rows[at];
    const [text, section] = this.unit.meanings[row.meaning];
    name.textContent = this.unit.names(at).join(' › ');
    source.textContent = section;
    const about = [
      `${row.start}–${row.end}`,
      this.words.bytes.replace('{count}', row.end - row.start), row.type,
      row.isPayload ? this.words.payload : this.words.framing,
    ].filter(Boolean).join(' · ');
    const where = document.createElement('span');
    where.className = 'about';
    where.textContent = about;
    says.replaceChildren(row.why ? `${this.words.not_decoded} ${row.why}` : text, ' ', where);
  }

  // ---- the address ----

  #keepAddress() {
    if (!this.isAnchored || this.number === undefined) return;
    const field = this.pinned === NONE ? '' : `.f/${this.unit.path(this.pinned)}`;
    history.replaceState(history.state, '', `#u${this.number}${field}`);
  }

  openAddress() {
    const [, number, path] = /^#u(\d+)(?:\.f\/(.+))?$/.exec(location.hash) ?? [];
    const isThere = this.units.querySelector(`a[data-number="${number}"]`);
    this.open(number && isThere ? Number(number) : Number(this.root.dataset.unit), isThere ? path : '');
  }
}

export function enliven(within) {
  for (const root of within.querySelectorAll('[data-wire]')) {
    if (root.dataset.alive !== undefined) continue;
    root.dataset.alive = '';
    const view = new WireView(root);
    if (view.isAnchored) {
      view.openAddress();
      addEventListener('hashchange', () => view.openAddress());
    } else {
      view.open(Number(root.dataset.unit));
    }
  }
}

enliven(document);
