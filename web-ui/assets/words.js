// Words of the desk, and the one way text gets into the page: as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element: `el('p.note', {title: 'x'}, 'text', other)`. */
export function el(kind, props, ...children) {
  const [tag, ...classes] = kind.split('.');
  const node = document.createElement(tag || 'div');
  if (classes.length) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key.startsWith('data-') || key.startsWith('aria-') || key === 'role' || key === 'title') node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ''));
  return node;
}

/** A shape that says a state beside its word. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Shape, word and colour in one. */
export function state(kind, shape, word) {
  return el(`span.state.${kind}`, null, icon(shape), el('span', null, word));
}

/** The number and the name of a disaster risk level, on its legal colour. */
export function level(n) {
  const name = { 1: 'nhỏ', 2: 'trung bình', 3: 'lớn', 4: 'rất lớn', 5: 'thảm họa' }[n];
  return name ? el(`span.level.l${n}`, null, el('b', null, `Cấp ${n}`), ` ${name}`) : null;
}

/** A countdown to a moment of `performance.now()`; the page's tick keeps it true. */
export function countdown(until) {
  return el('span.left', { 'data-until': String(until) }, left(until));
}

export function left(until) {
  const s = Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const two = (n) => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)} giờ ${two(Math.floor(s / 60) % 60)}` : `${two(Math.floor(s / 60))}:${two(s % 60)}`;
}

export const path = (p) => ({ wired: 'đường dây', ip: 'đường IP', recorder: 'máy ghi', fm: 'sóng FM' }[p] || p);

export const stage = (s) => ({ tone: 'đang phát âm báo', content: 'đang đọc nội dung', gap: 'nghỉ giữa hai lần', waiting: 'đang chờ tới lượt' }[s] || s);

export const priority = (p) => ({ ordinary: 'Thông thường', priority: 'Ưu tiên', emergency: 'Khẩn cấp' }[p] || p);

/** Word and shape of a bulletin's state. */
export const standing = (s) => ({
  received: ['wait', 'Mới nhận'], fetching: ['wait', 'Đang tải'], ready: ['well', 'Sẵn sàng'],
  waiting_choice: ['wait', 'Chờ chọn'], waiting_approval: ['wait', 'Chờ duyệt'], approved: ['well', 'Đã duyệt'],
  rejected: ['off', 'Không duyệt'], scheduled: ['wait', 'Đã xếp lịch'], on_air: ['on', 'Đang phát'],
  done: ['well', 'Đã phát xong'], partial: ['warn', 'Phát chưa đủ'], failed: ['warn', 'Không phát được'],
  expired: ['off', 'Quá hạn'], recalled: ['stop', 'Đã thu hồi'],
}[s] || ['off', s]);

const DAYS = ['CN', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7'];

/** The day of a moment where it is not `today` (both in the station's time), `T7 22/11`; else nothing. */
export function day(rfc3339, today) {
  const date = String(rfc3339).slice(0, 10);
  if (date === today) return '';
  const [year, month, number] = date.split('-').map(Number);
  return `${DAYS[new Date(Date.UTC(year, month - 1, number)).getUTCDay()]} ${number}/${month}`;
}

/** `05:30`. */
export const hour = (rfc3339) => String(rfc3339).slice(11, 16);

/** `05:30`, or `05:30 T7 22/11` on another day than `today`. */
export const moment = (rfc3339, today) => [hour(rfc3339), day(rfc3339, today)].filter(Boolean).join(' ');

export function length(seconds) {
  return seconds < 60 ? `${seconds} giây` : `${Math.round(seconds / 60)} phút`;
}
