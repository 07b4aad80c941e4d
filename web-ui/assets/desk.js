// The desk: listens to the station, paints what it says, and says so when it no longer hears it.

import * as acts from './acts.js';
import * as paint from './paint.js';
import './lines.js';
import { left } from './words.js';

const SILENT_MS = 30000;
const may = document.body.dataset.role !== 'viewer';
let view = null;
let clock = null;
let heard = performance.now();
let listed = null;
let source = null;

/** The station's date, `2026-11-21`; null where its clock is not trusted. */
const today = () => (clock === null ? null : new Date(clock + performance.now() + 7 * 3600e3).toISOString().slice(0, 10));

const orders = {
  may,
  stop: acts.stop,
  lift: acts.lift,
  decide: acts.decide,
  plan: (head) => acts.plan(head, today()),
};

function take(latest) {
  view = latest;
  clock = view.clock === null ? null : Date.parse(view.clock) - performance.now();
  acts.site(view);
  paint.truth(view);
  paint.decisions(view, today(), orders);
  paint.now(view, today(), orders);
  paint.places(view, orders);
  paint.next(view, today());
  paint.checks(view, today(), orders);
  tick();
  list();
}

let listing = false;
/** The inbox, asked for again when the journal grew; one question at a time. */
async function list() {
  if (listing || listed === view.seq) return;
  listing = true;
  const seq = view.seq;
  try {
    const answer = await fetch('/api/v1/bulletins?limit=30');
    const told = answer.ok ? (await answer.json()).bulletins : null;
    const rank = (h) => (['waiting_choice', 'waiting_approval'].includes(h.state) ? 0 : 1);
    paint.inbox(told && [...told].sort((a, b) => rank(a) - rank(b)), today(), orders);
    listed = seq;
  } catch {
    // The stream says that the station is out of reach; the old list stays until it is back.
  }
  setTimeout(() => { listing = false; if (view.seq !== listed) list(); }, 2000);
}

function tick() {
  const shown = clock === null ? '––:––:––' : new Date(clock + performance.now() + 7 * 3600e3).toISOString().slice(11, 19);
  document.getElementById('time').textContent = shown;
  for (const node of document.querySelectorAll('[data-until]')) node.textContent = left(Number(node.dataset.until));
  silence();
}

function silence() {
  const lost = document.getElementById('lost');
  const gone = performance.now() - heard > SILENT_MS || (source && source.readyState === EventSource.CLOSED);
  document.body.classList.toggle('stale', gone);
  if (gone && lost.hidden) lost.textContent = 'Trang này mất liên lạc với trạm; những gì thấy dưới đây có thể đã cũ. Loa và bảng vẫn tự chạy. Hãy xem mạng của máy này, hoặc đến trạm.';
  lost.hidden = !gone;
}

async function back() {
  const answer = await fetch('/api/v1/air').catch(() => null);
  // Somebody may be writing an emergency: the page is not taken away from under an open dialog.
  if (answer && answer.status === 401 && !document.querySelector('dialog[open]')) location.reload();
  else setTimeout(listen, 3000);
}

function listen() {
  source = new EventSource('/api/v1/events');
  source.addEventListener('air', (event) => { heard = performance.now(); take(JSON.parse(event.data)); });
  source.addEventListener('beat', () => { heard = performance.now(); });
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) back(); });
}

document.getElementById('sign-out').addEventListener('click', async () => {
  await fetch('/api/v1/session', { method: 'DELETE' }).catch(() => null);
  location.replace('/');
});
document.getElementById('looks-only').hidden = may;
for (const button of document.querySelectorAll('[data-open]')) button.hidden = !may;
acts.wire();
listen();
setInterval(tick, 1000);
