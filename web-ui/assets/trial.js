// Self-tests and drills on the desk: what runs, the last result, what drifts, and the buttons that begin and accept.

import { notice, send } from './acts.js';
import { day, el, hour, icon, state } from './words.js';

const moment = (at, today) => [day(at, today), hour(at)].filter(Boolean).join(' ');

async function order(method, path, body, done, button) {
  button.disabled = true;
  const told = await send(path, body, method);
  button.disabled = false;
  notice(told.ok ? `${done} (nhật ký số ${told.seq}).` : told.text, !told.ok);
}

function sum(last) {
  const parts = [`${last.passed} tốt`];
  if (last.drifting) parts.push(`${last.drifting} lệch chuẩn`);
  if (last.failed) parts.push(`${last.failed} hỏng`);
  if (last.not_tested) parts.push(`${last.not_tested} chưa thử`);
  return parts.join(', ');
}

function word(test) {
  if (test.doing) return state('good', 'wait', test.full ? 'Đang kiểm tra đầy đủ' : 'Đang kiểm tra');
  if (!test.last) return state('quiet', 'off', 'Chưa kiểm tra lần nào');
  if (test.last.failed) return state('bad', 'warn', `${test.last.failed} hỏng`);
  if (test.last.drifting) return state('bad', 'warn', `${test.last.drifting} lệch chuẩn`);
  return state('good', 'well', 'Tốt');
}

/** What stands under *Tự kiểm tra*. */
export function selftest(test, today, may) {
  const last = test.last;
  const rows = [el('p.head', null, word(test))];
  if (test.doing) rows.push(el('p', null, test.doing));
  if (last) rows.push(el('p', null, `Lần ${last.no} (${last.full ? 'đầy đủ' : 'chỉ đọc'}) lúc ${moment(last.at, today)}: ${sum(last)}. `, el('a', { href: '/selftest' }, 'Danh sách hỏng hóc')));
  if (test.given_up) rows.push(el('p', null, `Lần sau đó chưa làm hết: ${test.given_up}.`));
  if (!may) return rows;
  const begin = (full) => (e) => order('POST', 'selftest', { full }, full ? 'Bắt đầu kiểm tra đầy đủ' : 'Bắt đầu kiểm tra', e.currentTarget);
  const buttons = test.doing
    ? [el('button.plain', { type: 'button', 'data-key': 't-end', onclick: (e) => order('DELETE', 'selftest', null, 'Đã dừng kiểm tra', e.currentTarget) }, 'Dừng kiểm tra')]
    : [el('button.plain', { type: 'button', 'data-key': 't-look', onclick: begin(false) }, 'Kiểm tra im lặng'),
      el('button.plain', { type: 'button', 'data-key': 't-full', onclick: () => document.getElementById('full-test').showModal() }, 'Kiểm tra đầy đủ…'),
      last && last.drifting > 0 && el('button.plain', { type: 'button', 'data-key': 't-base', onclick: (e) => order('POST', 'selftest/baseline', {}, 'Đã lấy số đo lần này làm chuẩn', e.currentTarget) }, 'Lấy số đo này làm chuẩn')];
  return [...rows, el('div.pair', null, buttons.filter(Boolean))];
}

const SKIPPED = { emergency: 'đang có khẩn cấp', live: 'đang nói trực tiếp', quiet_hours: 'giờ yên tĩnh', muted: 'các cụm bị tắt tiếng', full_drill: 'có diễn tập đầy đủ cùng lúc', missed: 'trạm không chạy hoặc giờ chưa tin cậy' };

function outcome(drill, today) {
  if (!drill.last) return 'Chưa lần nào';
  const when = `Lần trước ${moment(drill.last, today)}: `;
  if (drill.skipped) return `${when}bỏ qua, ${SKIPPED[drill.skipped] || drill.skipped}`;
  if (!drill.result) return `${when}đang diễn tập`;
  return `${when}${drill.heard} trong ${drill.of} cụm nghe đủ`;
}

/** The rows under *Diễn tập*. */
export function drills(rows, today) {
  return rows.map((d) => el('li', null,
    el('span.at', null, d.next ? [el('b', null, hour(d.next)), day(d.next, today) && el('small', null, day(d.next, today))] : '––'),
    el('span.what', null, icon('drill'), ` ${d.title}`),
    el('small', null, `${d.kind === 'full' ? 'đầy đủ' : 'ngắn'} · ${outcome(d, today)}`)));
}

const box = document.getElementById('full-test');
box?.querySelector('.main').addEventListener('click', async (e) => {
  await order('POST', 'selftest', { full: true }, 'Bắt đầu kiểm tra đầy đủ', e.currentTarget);
  box.close();
});
