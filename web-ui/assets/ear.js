// Listens to what a sink plays, one at a time, and says how that goes on the buttons.

import { el } from './words.js';

const audio = new Audio();
let sink = null;
let going = false;

const word = (of) => (of !== sink ? 'Nghe trực tiếp' : going ? 'Thôi nghe' : 'Đang nối…');

function say() {
  for (const button of document.querySelectorAll('[data-ear]')) button.textContent = word(button.dataset.ear);
}

function stop() {
  sink = null;
  going = false;
  audio.removeAttribute('src');
  audio.load();
  say();
}

function listen(of) {
  if (of === sink) return stop();
  sink = of;
  going = false;
  audio.src = `/monitor/${encodeURIComponent(of)}`;
  say();
  audio.play().catch(() => { if (sink === of) stop(); });
}

audio.addEventListener('playing', () => { going = true; say(); });
for (const end of ['ended', 'error']) audio.addEventListener(end, () => { if (sink !== null) stop(); });

/** The button that listens to a sink. */
export function ear(of) {
  return el('button.plain', { type: 'button', 'data-key': `ear-${of}`, 'data-ear': of, onclick: () => listen(of) }, word(of));
}
