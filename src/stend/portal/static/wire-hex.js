// The dump: offset, bytes, characters. Sixteen to a row, eight where there is no room for that; only
// the rows in sight are in the page.
const ROW_PX = 20;
const AROUND = 8;
const WIDE_PX = 412;
const USUAL_PX = 436;
const ROOMY_PX = 500;
const DIGITS = Array.from({ length: 256 }, (_, one) => one.toString(16).padStart(2, '0'));

export class HexDump {
  // `tell`: hoverByte(offset or -1), pinByte(offset).
  constructor(box, tell) {
    this.box = box;
    this.data = new Uint8Array();
    this.payload = () => false;
    this.marks = { on: null, hot: null };
    this.width = 16;
    this.drawn = new Map();
    this.room = document.createElement('div');
    this.room.className = 'hex';
    box.addEventListener('scroll', () => this.draw());
    const offset = event => event.target.dataset?.at;
    box.addEventListener('mouseover', event => { if (offset(event) !== undefined) tell.hoverByte(Number(offset(event))); });
    box.addEventListener('mouseleave', () => tell.hoverByte(-1));
    box.addEventListener('click', event => { if (offset(event) !== undefined) tell.pinByte(Number(offset(event))); });
    new ResizeObserver(() => this.#fit()).observe(box);
  }

  // `isPayload`: of the byte at an offset. `note`: what stands below the bytes.
  show(data, isPayload, note = '') {
    this.data = data;
    this.payload = isPayload;
    this.box.replaceChildren(this.room);
    if (note) {
      const line = document.createElement('p');
      line.className = 'state';
      line.textContent = note;
      this.box.append(line);
    }
    this.box.scrollTop = 0;
    this.#lay();
  }

  #fit() {
    const width = this.box.clientWidth >= WIDE_PX ? 16 : 8;
    this.room.classList.toggle('roomy', this.box.clientWidth >= ROOMY_PX);
    this.room.classList.toggle('tight', this.box.clientWidth < USUAL_PX);
    if (width === this.width) { this.draw(); return; }
    this.width = width;
    this.#lay();
  }

  #lay() {
    this.drawn.clear();
    this.room.replaceChildren();
    this.room.classList.toggle('narrow', this.width === 8);
    this.digits = Math.max(4, (this.data.length - 1).toString(16).length);
    this.room.style.setProperty('--digits', this.digits);
    this.room.style.height = `${Math.ceil(this.data.length / this.width) * ROW_PX}px`;
    this.draw();
  }

  draw() {
    const rows = Math.ceil(this.data.length / this.width);
    const first = Math.max(Math.floor(this.box.scrollTop / ROW_PX) - AROUND, 0);
    const last = Math.min(first + Math.ceil(this.box.clientHeight / ROW_PX) + 2 * AROUND, rows);
    for (const [row, element] of this.drawn) if (row < first || row >= last) { element.remove(); this.drawn.delete(row); }
    for (let row = first; row < last; row += 1) if (!this.drawn.has(row)) this.#make(row);
  }

  #make(row) {
    const line = document.createElement('div');
    line.style.top = `${row * ROW_PX}px`;
    const place = document.createElement('u');
    place.textContent = (row * this.width).toString(16).padStart(this.digits, '0');
    const text = document.createElement('s');
    line.append(place);
    for (let column = 0; column < this.width; column += 1) {
      const at = row * this.width + column;
      const pair = document.createElement('i');
      line.append(pair);
      if (at >= this.data.length) continue;
      const value = this.data[at];
      const character = document.createElement('b');
      pair.textContent = DIGITS[value];
      character.textContent = value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '·';
      pair.dataset.at = character.dataset.at = at;
      pair.className = character.className = this.#classes(at);
      text.append(character);
    }
    line.append(text);
    this.drawn.set(row, line);
    this.room.append(line);
  }

  #classes(at) {
    const names = [this.payload(at) ? 'y' : 'w'];
    for (const name of ['hot', 'on']) {
      const span = this.marks[name];
      if (span && at >= span[0] && at < span[1]) names.push(name);
    }
    return names.join(' ');
  }

  // Spans are [from, to), or null.
  mark(marks) {
    this.marks = { ...this.marks, ...marks };
    for (const line of this.drawn.values()) {
      for (const cell of line.querySelectorAll('[data-at]')) cell.className = this.#classes(Number(cell.dataset.at));
    }
  }

  reveal([from, to]) {
    const top = Math.floor(from / this.width) * ROW_PX;
    const bottom = Math.ceil(to / this.width) * ROW_PX;
    const { scrollTop, clientHeight } = this.box;
    if (top >= scrollTop && bottom <= scrollTop + clientHeight) return;
    if (top >= scrollTop && top + 2 * ROW_PX <= scrollTop + clientHeight && bottom - top > clientHeight) return;
    this.box.scrollTop = Math.max(top - ROW_PX, 0);
    this.draw();
  }
}
