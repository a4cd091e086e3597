// Folding, search and theme. The page says everything without this; nothing of it is fetched or stored.
(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tools = document.querySelector('.tools');
  const folds = all('details');
  tools.hidden = false;

  const fold = byId('fold');
  const setAll = (open) => {
    folds.forEach((it) => { it.open = open; });
    fold.setAttribute('aria-pressed', String(open));
    fold.textContent = open ? 'Close all' : 'Open all';
  };
  fold.addEventListener('click', () => setAll(fold.getAttribute('aria-pressed') !== 'true'));

  const theme = byId('theme');
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme
    ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  const label = () => { theme.textContent = isDark() ? 'Light' : 'Dark'; };
  theme.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); });
  label();

  // What does not hold the words is hidden; what holds them is unfolded. An empty search puts everything back.
  const search = byId('search');
  const found = byId('found');
  const items = all('[data-find]');
  let before = null;
  const find = () => {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) {
      items.forEach((it) => { it.hidden = false; });
      if (before) folds.forEach((it, at) => { it.open = before[at]; });
      before = null;
      found.textContent = '';
      return;
    }
    before = before || folds.map((it) => it.open);
    let number = 0;
    items.forEach((it) => {
      const text = it.textContent.toLowerCase();
      it.hidden = !words.every((word) => text.includes(word));
      if (it.hidden) return;
      number += 1;
      for (let at = it; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
      all('details.cause-fold', it).forEach((inner) => { inner.open = true; });
    });
    found.textContent = number === 1 ? '1 match' : `${number} matches`;
  };
  search.addEventListener('input', find);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { search.value = ''; find(); }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    }
  });

  // A link to something that is folded away unfolds it.
  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    all('details.cause-fold', target).forEach((it) => { it.open = true; });
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  if (location.hash) reveal();

  // Spans of one service light up together.
  all('.waterfall tr[data-service]').forEach((row) => {
    const light = (on) => all('.waterfall tr[data-service]', row.closest('.waterfalls'))
      .filter((it) => it.dataset.service === row.dataset.service)
      .forEach((it) => it.classList.toggle('lit', on));
    row.addEventListener('mouseenter', () => light(true));
    row.addEventListener('mouseleave', () => light(false));
  });

  // On paper nothing can be unfolded.
  let printed = null;
  addEventListener('beforeprint', () => {
    printed = folds.map((it) => it.open);
    folds.forEach((it) => { it.open = true; });
  });
  addEventListener('afterprint', () => {
    if (printed) folds.forEach((it, at) => { it.open = printed[at]; });
    printed = null;
  });
})();
