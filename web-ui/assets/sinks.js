// What the box itself measures at each sink, for as long as somebody looks at the devices.

import { el } from './words.js';

const known = new Map();
const number = (n) => n.toFixed(1).replace('.', ',').replace('-', '−');

function words(sink) {
  if (!sink.open) return 'Thiết bị không nhận âm thanh';
  const parts = [sink.momentary_lufs === null ? 'Đang im' : `Độ to ${number(sink.momentary_lufs)} LUFS`];
  parts.push(`chu kỳ ${number(sink.period_ms)} ms`, sink.xruns ? `hụt ${sink.xruns} lần` : 'chưa hụt lần nào');
  if (Math.abs(sink.drift_ppm) > 5) parts.push(`lệch nhịp ${String(sink.drift_ppm).replace('-', '−')} phần triệu`);
  if (!sink.real_time) parts.push('không ưu tiên thời gian thực');
  return parts.join(' · ');
}

/** The line of figures of a sink. */
export function figures(of) {
  return el('small.figures', { 'data-figures': of }, known.get(of) || '');
}

async function look() {
  const list = document.querySelector('details.devices');
  if (!list || !list.open || document.hidden) return;
  const answer = await fetch('/api/v1/sinks').catch(() => null);
  if (!answer || !answer.ok) return;
  for (const sink of (await answer.json()).sinks) {
    known.set(sink.id, words(sink));
    for (const line of document.querySelectorAll('[data-figures]')) {
      if (line.dataset.figures === sink.id) line.textContent = known.get(sink.id);
    }
  }
}

document.querySelector('details.devices')?.addEventListener('toggle', look);
setInterval(look, 2000);
