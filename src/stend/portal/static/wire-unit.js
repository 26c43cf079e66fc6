// One unit as the portal sends it: bytes, and the tree of fields as rows. Knows nothing of the page.
const PAYLOAD = 1;
const GROUP = 2;
const TOP = -1;

function bytesOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

export class Unit {
  constructor(packed) {
    this.rows = packed.rows.map(([depth, name, type, value, start, end, meaning, space, flags, key, why]) => ({
      depth, name, type, value, start, end, meaning, space, why: why || null, key: key || name,
      isPayload: (flags & PAYLOAD) !== 0, isGroup: (flags & GROUP) !== 0, parent: TOP,
    }));
    this.meanings = packed.meanings;
    this.leftOff = packed.left_off;
    this.spaces = packed.spaces.map(one => ({ ...one, data: bytesOf(one.data), leaves: [] }));
    this.#join();
  }

  // Rows come in the order of the tree: the last one that is less deep is the parent.
  #join() {
    const above = [];
    this.rows.forEach((row, at) => {
      row.parent = row.depth > 0 ? above[row.depth - 1] : TOP;
      above[row.depth] = at;
      const next = this.rows[at + 1];
      row.hasBelow = next !== undefined && next.depth > row.depth;
      // A leaf of its own bytes, whatever comes out of them stands below it.
      const isLeaf = !row.hasBelow || next.space !== row.space;
      if (isLeaf && row.end > row.start) this.spaces[row.space].leaves.push(at);
    });
    for (const space of this.spaces) space.leaves.sort((a, b) => this.rows[a].start - this.rows[b].start);
  }

  // The innermost field that a byte belongs to; -1 for a byte of none.
  owner(space, offset) {
    const leaves = this.spaces[space].leaves;
    let low = 0;
    let high = leaves.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const row = this.rows[leaves[middle]];
      if (offset < row.start) high = middle - 1;
      else if (offset >= row.end) low = middle + 1;
      else return leaves[middle];
    }
    return TOP;
  }

  // Where a field stands in some bytes: itself, or the field that its own bytes came out of.
  spanIn(space, at) {
    let row = this.rows[at];
    while (row && row.space !== space) row = this.rows[this.spaces[row.space].owner];
    return row ? [row.start, row.end] : null;
  }

  // The bytes that come out of a field, or that it stands in; 0 where that is the wire.
  innerOf(at) {
    const inside = this.spaces.findIndex(one => one.owner === at);
    return inside > 0 ? inside : this.rows[at]?.space ?? 0;
  }

  names(at) {
    const found = [];
    for (let one = at; one !== TOP; one = this.rows[one].parent) found.unshift(this.rows[one].name);
    return found;
  }

  path(at) {
    const found = [];
    for (let one = at; one !== TOP; one = this.rows[one].parent) found.unshift(encodeURIComponent(this.rows[one].key));
    return found.join('/');
  }

  // -1 where the tree has no such field: the address may be of another version of it.
  find(path) {
    let at = TOP;
    let from = 0;
    for (const part of path.split('/').map(decoded)) {
      const depth = at === TOP ? 0 : this.rows[at].depth + 1;
      let found = TOP;
      for (let one = from; one < this.rows.length && this.rows[one].depth >= depth; one += 1) {
        if (this.rows[one].depth === depth && this.rows[one].key === part) { found = one; break; }
      }
      if (found === TOP) return TOP;
      at = found;
      from = found + 1;
    }
    return at;
  }
}

function decoded(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}
