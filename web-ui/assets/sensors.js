// What the sensors measured last, as rows among the devices.

import { el, icon, state } from './words.js';

const number = (n, digits) => n.toFixed(digits).replace(/\.0+$/, '').replace('.', ',').replace('-', '−');

/** States: what 0 and what 1 means. */
const STATES = {
  on_battery: ['có điện lưới', 'chạy bằng pin'], battery_low: ['', 'pin sắp cạn'], replace_battery: ['', 'pin cần thay'],
  overload: ['', 'quá tải'], under_voltage: ['nguồn đủ', 'nguồn yếu'], registered: ['không có sóng', 'có sóng'],
  connected: ['chưa vào mạng', 'đã vào mạng'], roaming: ['', 'chuyển vùng'], fix: ['chưa bắt được vệ tinh', 'đã bắt được vệ tinh'],
  door: ['cửa đóng', 'cửa mở'], power_fail: ['có điện lưới', 'mất điện lưới'], pressed: ['không nhấn', 'đang nhấn'],
  input: ['hở', 'đóng'],
};

const NAMES = {
  battery: 'pin', battery_voltage: 'điện áp pin', mains: 'điện lưới', load: 'tải', temperature: 'nhiệt độ', fan: 'quạt',
  disk_free: 'thẻ nhớ còn trống', wear: 'thẻ nhớ đã mòn', spare_blocks: 'mức dự phòng thẻ nhớ', memory_free: 'bộ nhớ trống',
  signal: 'sóng', operator: 'mã mạng', satellites: 'vệ tinh', latitude: 'vĩ độ', longitude: 'kinh độ',
};

function duration(seconds) {
  if (seconds < 5400) return `${Math.round(seconds / 60)} phút`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} giờ`;
  return `${Math.round(seconds / 86400)} ngày`;
}

function words(r) {
  if (STATES[r.quantity] && r.unit === '') return STATES[r.quantity][r.value > 0.5 ? 1 : 0];
  if (r.quantity === 'runtime') return `pin còn chạy được ${duration(r.value)}`;
  if (r.quantity === 'uptime') return `đã chạy ${duration(r.value)}`;
  if (r.quantity === 'generation') return `mạng ${number(r.value, 0)}G`;
  if (r.quantity === 'clock_offset') return Math.abs(r.value) < 2 ? 'đồng hồ đúng' : `đồng hồ lệch ${number(r.value, 0)} s`;
  const digits = r.unit === '°' ? 4 : r.unit === '' ? 0 : 1;
  return `${NAMES[r.quantity] || r.quantity} ${number(r.value, digits)}${r.unit === '°' ? '°' : r.unit ? ` ${r.unit}` : ''}`;
}

const WORDS = {
  well: ['good', 'well', 'Tốt'], alarm: ['bad', 'warn', 'Cảnh báo'], lost: ['bad', 'warn', 'Mất'], unknown: ['quiet', 'wait', 'Chưa biết'],
};

/** When it answered last, in words that do not change every second. */
function age(ms) {
  if (ms === null) return 'chưa trả lời lần nào';
  return ms < 60000 ? 'vừa đo' : `đo cách đây ${duration(ms / 1000)}`;
}

/** What of a sensor a repaint depends on. */
export const essence = (s) => [s.id, s.state, age(s.age_ms), s.readings.map((r) => [words(r), r.alarm])];

/** The row of a sensor; `fault` is what its output says went wrong. */
export function row(s, fault) {
  const said = s.readings.map((r) => [words(r), r.alarm]).filter(([text]) => text);
  return el('li', null, el('b.name', null, s.name || s.id), state(...(WORDS[s.state] || ['quiet', 'off', s.state])),
    el('span.notes', null, fault || '',
      el('small.figures', null, said.flatMap(([text, alarm], i) => [i ? ' · ' : '', alarm ? el('strong.state.bad', null, icon('warn'), text) : text])),
      el('small', null, age(s.age_ms))));
}
