// Runs before the first paint, so that the page never shows in the wrong theme for a moment.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('playhead.theme');
  } catch {
    // Storage may be forbidden; the system's theme is taken then.
  }
  if (chosen !== 'light' && chosen !== 'dark') {
    chosen = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.dataset.theme = chosen;
})();
