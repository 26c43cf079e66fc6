// The list of exchanges as it grows. Rows come in at the end of a frame, and never while somebody
// points at the table or has its focus; the list is bounded, and says what it left off.
import { follow } from './live.js';
import { liveTable } from './live-table.js';
import { duration, size } from './wire-format.js';

const panel = document.querySelector('.passed');

class List {
  constructor() {
    this.rows = document.getElementById('rows');
    this.limit = Number(panel.dataset.limit);
    this.version = Number(panel.dataset.version);
    this.waiting = new Map();
    this.known = new Map([...this.rows.children].map(row => [row.dataset.id, row]));
    this.leftOff = Number(document.getElementById('left-off').textContent);
    this.hidden = Number(document.getElementById('hidden')?.textContent);
    this.isFrozen = false;
    this.template = document.getElementById('row').content.firstElementChild;
    this.tags = document.getElementById('tags').content;
    this.states = document.getElementById('states').content;
    this.isHeld = liveTable(document.getElementById('passed-box'), () => this.#soon());
    const filter = document.getElementById('filter');
    filter.addEventListener('change', () => filter.requestSubmit());
    // To a saved session nothing is added.
    if ('live' in panel.dataset) this.#live();
    this.#rove(this.rows.firstElementChild);
  }

  // ---- what comes ----

  #live() {
    const stale = document.getElementById('list-stale');
    follow(
      () => this.#address(),
      { exchanges: event => this.#take(JSON.parse(event.data)) },
      isSilent => { stale.hidden = !isSilent; },
    );
    const freeze = document.getElementById('freeze');
    freeze.addEventListener('click', () => {
      this.isFrozen = !this.isFrozen;
      freeze.setAttribute('aria-pressed', this.isFrozen);
      freeze.querySelector('span').textContent = this.isFrozen ? freeze.dataset.on : freeze.dataset.off;
      this.#soon();
    });
  }

  #address() {
    const query = new URLSearchParams(location.search);
    query.set('since', this.version);
    return `/stand/tap/stream?${query}`;
  }

  #take(found) {
    // The stand was started anew, and counts from the beginning.
    if (found.version < this.version) { location.reload(); return; }
    this.version = found.version;
    this.leftOff += found.left_off;
    this.hidden += found.hidden;
    for (const one of found.exchanges) {
      this.waiting.delete(one.id);
      this.waiting.set(one.id, one);
    }
    // What waits is bounded, too; the oldest would have no row in any case.
    while (this.waiting.size > this.limit) {
      this.waiting.delete(this.waiting.keys().next().value);
      this.leftOff += 1;
    }
    this.ring = found.ring;
    this.#soon();
  }

  #soon() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.#show(); });
  }

  #show() {
    const label = document.getElementById('waiting');
    const holds = this.isFrozen || this.isHeld();
    label.hidden = !(holds && this.waiting.size);
    label.textContent = label.dataset.text.replace('{count}', this.waiting.size);
    if (this.ring) {
      document.getElementById('let-go').textContent = this.ring.let_go_exchanges;
      document.getElementById('let-go-bytes').textContent = size(this.ring.let_go_bytes);
    }
    if (!holds) this.#replace();
    document.getElementById('left-off').textContent = this.leftOff;
    const hidden = document.getElementById('hidden');
    if (hidden) hidden.textContent = this.hidden;
    document.getElementById('shown').textContent = this.rows.childElementCount;
    const none = document.getElementById('none');
    none.hidden = this.rows.childElementCount > 0;
    // Something has passed by now, and the list shows none of it.
    const quiet = document.getElementById('only-background');
    if (quiet && this.hidden) none.replaceChildren(quiet.content);
  }

  #replace() {
    const fresh = document.createDocumentFragment();
    for (const one of this.waiting.values()) {
      this.known.get(one.id)?.remove();
      const row = this.#row(one);
      this.known.set(one.id, row);
      fresh.prepend(row);
    }
    this.waiting.clear();
    this.rows.prepend(fresh);
    for (let over = this.rows.childElementCount - this.limit; over > 0; over -= 1) {
      const last = this.rows.lastElementChild;
      this.known.delete(last.dataset.id);
      last.remove();
      this.leftOff += 1;
    }
    if (!this.rows.querySelector('tr[tabindex="0"]')) this.#rove(this.rows.firstElementChild);
  }

  #row(one) {
    const row = this.template.cloneNode(true);
    const part = name => row.querySelector(name);
    row.dataset.id = one.id;
    row.classList.toggle('failed', one.state === 'error' || one.state === 'broken');
    part('.when').textContent = one.began_at.slice(11, 23).padEnd(12, '0').replace('Z', '0');
    part('.from').textContent = one.source;
    part('.to').textContent = one.target;
    const tag = this.tags.querySelector(`[data-name="${CSS.escape(one.mark)}"]`);
    part('.wire-cell').append(tag ? tag.firstElementChild.cloneNode(true) : one.mark);
    const link = part('.what a');
    link.href = `/exchanges/${one.id}`;
    link.textContent = one.name;
    part('.sum').textContent = one.summary;
    const state = this.states.querySelector(`[data-state="${one.state}"]`).firstElementChild.cloneNode(true);
    const word = state.querySelector('.err-word');
    if (word) word.textContent = one.error;
    part('.state').append(state);
    part('.up').textContent = size(one.bytes_to_server);
    part('.down').textContent = size(one.bytes_to_client);
    part('.took').textContent = duration(one.took_ms);
    row.tabIndex = -1;
    return row;
  }

  #rove(row) {
    if (row) row.tabIndex = 0;
  }
}

if (panel) new List();
