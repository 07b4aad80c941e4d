// How the lines to the devices fare, for as long as somebody looks at the devices.

import { el, state } from './words.js';

function ago(ms) {
  if (ms === null) return 'chưa lần nào';
  const s = Math.round(ms / 1000);
  return s < 120 ? `${s} giây trước` : `${Math.round(s / 60)} phút trước`;
}

function row(line) {
  const parts = [`trả lời ${ago(line.answered_ms_ago)}`, `hỏi ${line.requests} lần`];
  parts.push(line.timeouts ? `không đáp ${line.timeouts} lần` : 'lần nào cũng đáp');
  if (line.discarded) parts.push(`bỏ ${line.discarded} byte`);
  if (line.failures) parts.push(`lỗi ${line.failures} lần`);
  if (line.reopenings) parts.push(`mở lại ${line.reopenings} lần`);
  const failed = line.last_error !== null;
  const fresh = failed && (line.answered_ms_ago === null || line.failed_ms_ago <= line.answered_ms_ago);
  const notes = el('span.notes', null, line.what);
  notes.append(el('small.figures', null, parts.join(' · ')));
  if (failed) notes.append(el('small.figures', null, `Lỗi gần nhất (${ago(line.failed_ms_ago)}): ${line.last_error}`));
  const how = !line.open ? ['quiet', 'wait', 'Chưa mở'] : fresh ? ['bad', 'warn', 'Đang lỗi'] : ['good', 'well', 'Thông'];
  return el('li', null, el('b.name', null, `line/${line.id}`), state(...how), notes);
}

async function look() {
  const list = document.querySelector('details.devices');
  if (!list || !list.open || document.hidden) return;
  const answer = await fetch('/api/v1/lines').catch(() => null);
  if (!answer || !answer.ok) return;
  document.getElementById('lines').replaceChildren(...(await answer.json()).lines.map(row));
}

document.querySelector('details.devices')?.addEventListener('toggle', look);
setInterval(look, 2000);
