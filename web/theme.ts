// Runs before the first paint, so that the page does not flash in the other colours; preferences.ts writes what is read.
{
  const theme = localStorage.getItem('groundwork.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}
