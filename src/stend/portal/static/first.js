// Runs before the first paint: what the reader chose earlier must not flash in afterwards.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (localStorage.getItem('route') === 'tap') root.dataset.route = 'tap';
  } catch {
    // Storage may be forbidden: the page then follows the system.
  }
})();
