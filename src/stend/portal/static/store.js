// What the browser remembers. Storage may be forbidden; then nothing is remembered, and all works.
function guarded(storage) {
  return {
    get(key) {
      try { return storage().getItem(key); } catch { return null; }
    },
    set(key, value) {
      try { storage().setItem(key, value); } catch { /* nothing to remember with */ }
    },
    take(key) {
      const value = this.get(key);
      try { storage().removeItem(key); } catch { /* nothing was kept */ }
      return value;
    },
  };
}

export const lasting = guarded(() => localStorage);
export const session = guarded(() => sessionStorage);
