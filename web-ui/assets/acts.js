// What an officer orders: five dialogs, the two-second hold, and what the station answered. No answer vanishes by itself.

import { countdown, el } from './words.js';

const HOLD_MS = 2000;
let view = null;
const dialog = (name) => document.getElementById(name);

/** Tells the dialogs what the site has. */
export function site(latest) {
  view = latest;
}

/** A line that stays until it is closed. */
export function notice(text, bad) {
  const node = el(bad ? 'p.notice.bad' : 'p.notice', { role: bad ? 'alert' : 'status' }, el('span', null, text),
    el('button.plain', { type: 'button', onclick: () => node.remove() }, 'Đóng'));
  const all = document.getElementById('notices');
  all.append(node);
  while (all.children.length > 4) all.firstElementChild.remove();
}

/** Sends an order; says what became of it. */
export async function send(path, body, method = 'POST') {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, { method, headers: { 'Content-Type': 'application/json' }, body: body === null ? undefined : JSON.stringify(body) });
  } catch {
    return { ok: false, text: 'Không liên lạc được với trạm nên không rõ lệnh đã tới chưa. Hãy nhìn mục Đang phát rồi thử lại.' };
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return { ok: true, seq: told.seq };
  if (answer.status === 401) return { ok: false, text: 'Phiên làm việc đã hết, lệnh chưa được gửi. Hãy mở trang này ở cửa sổ mới, đăng nhập, rồi bấm lại ở đây.' };
  const text = [told.title, told.detail].filter(Boolean).join('. ') || `Trạm trả lời mã ${answer.status}.`;
  return { ok: false, acted: told.acted === true, text };
}

async function order(box, path, body, done) {
  const fault = box.querySelector('.fault');
  const buttons = box.querySelectorAll('.ends button');
  fault.textContent = '';
  for (const b of buttons) b.disabled = true;
  const told = await send(path, body);
  for (const b of buttons) b.disabled = false;
  if (!told.ok && !told.acted) {
    fault.textContent = told.text;
    fault.scrollIntoView({ block: 'nearest' });
    return;
  }
  box.close();
  box.querySelector('form').reset();
  notice(told.ok ? `${done} (nhật ký số ${told.seq}).` : `Đã có hiệu lực, nhưng: ${told.text}`, !told.ok);
}

/** Names the first field that is not right, in words of its own. */
function fit(box) {
  const fault = box.querySelector('.fault');
  for (const field of box.querySelectorAll('[required]')) {
    const least = field.minLength > 0 ? field.minLength : 1;
    if (field.value.trim().length >= least) continue;
    fault.textContent = field.dataset.say;
    field.focus();
    return false;
  }
  for (const group of box.querySelectorAll('[data-picks]')) {
    const where = box.querySelectorAll('[data-picks] input:checked');
    if (group.children.length && !where.length) {
      fault.textContent = 'Hãy chọn ít nhất một nơi.';
      return false;
    }
  }
  fault.textContent = '';
  return true;
}

/** Fills the choice of places: everything is chosen already. */
function picks(box, chosen) {
  for (const group of box.querySelectorAll('[data-picks]')) {
    const rows = view ? view[group.dataset.picks] : [];
    group.replaceChildren(...rows.map((row) => el('label.pick', null,
      el('input', { type: 'checkbox', value: row.id, checked: !chosen || chosen.includes(row.id) }), el('span', null, row.name || row.id))));
    if (!rows.length) group.append(el('small', null, 'Không có.'));
  }
  where(box);
}

function where(box) {
  const out = box.querySelector('[data-where]');
  if (!out) return;
  const all = box.querySelectorAll('[data-picks] input').length;
  const on = box.querySelectorAll('[data-picks] input:checked').length;
  out.textContent = on === all ? out.dataset.where : `${on} trong ${all} nơi`;
}

/** What is picked; everything is said as `*`, so that a place added meanwhile is not left out. */
function picked(box, kind) {
  const boxes = [...box.querySelectorAll(`[data-picks="${kind}"] input`)];
  const on = boxes.filter((b) => b.checked).map((b) => b.value);
  return on.length === boxes.length && on.length ? ['*'] : on;
}

function lifts(box, act, rows, field, words) {
  box.querySelector('[data-lifts]').replaceChildren(...rows.filter((r) => r[field] !== null).map((r) => el('li', null,
    el('span', null, el('b', null, r.name || r.id), ' còn ', countdown(performance.now() + r[field])),
    el('button.plain', { type: 'button', onclick: async (e) => { const li = e.currentTarget.closest('li'); if (await lift(act, [r.id])) li.remove(); } }, words))));
}

/** Ends a mute or a blackout before its time. */
export async function lift(act, ids) {
  const field = act === 'mute' ? 'clusters' : 'boards';
  const told = await send(act, { [field]: ids, for_s: 0, reason: 'Kết thúc sớm trên bàn điều khiển' });
  if (told.ok || told.acted) notice(`${act === 'mute' ? 'Đã bật lại tiếng' : 'Đã bật lại bảng'}.`, !told.ok);
  else notice(told.text, true);
  return told.ok || told.acted;
}

/** Answers a decision. */
export async function decide(id, first, button) {
  button.disabled = true;
  const told = await send(`decisions/${id}`, { first });
  button.disabled = false;
  if (told.ok) notice(`Đã chọn: ${first === 'province' ? 'tỉnh' : 'xã'} trước (nhật ký số ${told.seq}).`);
  else notice(told.text, true);
}

let stopping = null;
/** Opens *Dừng và đính chính* for what is on air. */
export function stop(air) {
  stopping = air.bulletin;
  const box = dialog('stop');
  box.querySelector('[data-title]').textContent = `“${air.title}”`;
  open(box);
}

let planned = null;
/** Opens the schedule form for a bulletin of the inbox. */
export function plan(head, today) {
  planned = head;
  const box = dialog('programme');
  box.querySelector('[data-title]').textContent = head.title || head.id;
  if (today) box.querySelector('[name=date]').value = today;
  picks(box);
  open(box);
}

function open(box) {
  box.querySelector('.fault').textContent = '';
  box.showModal();
  box.querySelector('textarea, input:not([type=radio]):not([type=checkbox])')?.focus();
}

/** Fires after the button was held for two seconds by finger, mouse or key; letting go earlier does nothing. */
function holdable(button, ready, fire) {
  let timer = null;
  const text = button.querySelector('[data-hold-text]');
  const usual = text.textContent;
  const begin = (event) => {
    if (timer !== null || button.disabled) return;
    event.preventDefault();
    if (!ready()) return;
    button.classList.add('holding');
    text.textContent = 'Giữ thêm…';
    timer = setTimeout(() => { end(false); fire(); }, HOLD_MS);
  };
  const end = (early) => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    button.classList.remove('holding');
    text.textContent = early ? 'Chưa phát. Giữ đủ 2 giây' : usual;
  };
  button.addEventListener('pointerdown', (e) => { if (e.button === 0) { begin(e); button.focus(); } });
  for (const kind of ['pointerup', 'pointerleave', 'pointercancel', 'blur']) button.addEventListener(kind, () => end(true));
  button.addEventListener('keydown', (e) => { if ((e.key === ' ' || e.key === 'Enter') && !e.repeat) begin(e); });
  button.addEventListener('keyup', (e) => { if (e.key === ' ' || e.key === 'Enter') { e.preventDefault(); end(true); } });
  button.addEventListener('contextmenu', (e) => e.preventDefault());
}

/** Wires every dialog once. */
export function wire() {
  for (const box of document.querySelectorAll('dialog')) {
    box.addEventListener('change', () => where(box));
    box.querySelector('[data-close]').addEventListener('click', () => box.close());
    box.querySelector('form').addEventListener('submit', (e) => e.preventDefault());
  }
  for (const button of document.querySelectorAll('[data-open]')) {
    button.addEventListener('click', () => {
      const box = dialog(button.dataset.open);
      picks(box);
      if (view && box.id === 'mute') lifts(box, 'mute', view.clusters, 'muted_ms', 'Bật lại tiếng');
      if (view && box.id === 'blackout') lifts(box, 'blackout', view.boards, 'dark_ms', 'Bật lại bảng');
      open(box);
    });
  }
  const value = (box, name) => box.querySelector('form').elements[name].value.trim();
  const onSubmit = (name, run) => {
    const box = dialog(name);
    box.querySelector('form').addEventListener('submit', () => { if (fit(box)) run(box); });
  };
  const call = dialog('emergency');
  holdable(call.querySelector('[data-hold]'), () => fit(call), () => order(call, 'emergency', {
    text: value(call, 'text'), level: Number(value(call, 'level')), repeat: Number(value(call, 'repeat')), reason: value(call, 'reason'),
    drill: call.querySelector('[name=drill]').checked, targets: { clusters: picked(call, 'clusters'), boards: picked(call, 'boards') },
  }, 'Trạm đã nhận và đang phát'));
  onSubmit('mute', (box) => order(box, 'mute', { clusters: picked(box, 'clusters'), for_s: Number(value(box, 'for_s')), reason: value(box, 'reason') }, 'Đã tắt tiếng'));
  onSubmit('blackout', (box) => order(box, 'blackout', { boards: picked(box, 'boards'), for_s: Number(value(box, 'for_s')), reason: value(box, 'reason') }, 'Đã tắt bảng'));
  onSubmit('stop', (box) => order(box, 'stop', { bulletin: stopping, correction: value(box, 'correction') || null, reason: value(box, 'reason') }, 'Đã dừng'));
  onSubmit('programme', (box) => {
    const [date, start] = [value(box, 'date'), value(box, 'start')];
    order(box, 'programmes', {
      programme_id: `desk-${date}-${start.replace(':', '')}-${planned.id}`.slice(0, 128), title: (planned.title || 'Bản tin').slice(0, 200), start,
      duration_s: 60 * Number(value(box, 'minutes')), start_mode: 'next', targets: { clusters: picked(box, 'clusters'), boards: [] },
      items: [{ type: 'chime' }, { type: 'bulletin', bulletin_id: planned.id }], valid_from: date, valid_until: date,
    }, 'Đã đưa vào lịch');
  });
}
