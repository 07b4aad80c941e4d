// Paints the view: each part anew only when it changed, and never taking the keyboard's place away.

import { ear } from './ear.js';
import { essence, row as sensorRow } from './sensors.js';
import { figures } from './sinks.js';
import { drills, selftest } from './trial.js';
import { countdown, day, el, hour, icon, length, level, moment, path, priority, stage, standing, state } from './words.js';

const seen = new Map();

/** Rebuilds `#id` if `value` is not what it was; whoever had the focus there gets it back. */
export function paint(id, value, build) {
  const key = JSON.stringify(value);
  if (seen.get(id) === key) return;
  seen.set(id, key);
  const node = document.getElementById(id);
  const held = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const open = new Set([...node.querySelectorAll('details[open]')].map((d) => d.dataset.key));
  node.replaceChildren(...[build(value)].flat().filter(Boolean));
  for (const details of node.querySelectorAll('details')) if (open.has(details.dataset.key)) details.open = true;
  if (held) node.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
}

/** The line of truth, the alarms, and the frame round everything. */
export function truth(view) {
  paint('truth', [view.online, view.clock !== null, view.disk_ok], () => [
    view.online ? el('li', null, state('good', 'on', 'Trên mạng'))
      : el('li', null, state('bad', 'warn', 'Mất mạng'), el('small', null, 'trạm tự chạy theo lịch đã có')),
    view.clock !== null ? el('li', null, state('good', 'well', 'Đồng hồ tin cậy'))
      : el('li', null, state('bad', 'warn', 'Đồng hồ chưa tin cậy'), el('small', null, 'lịch phát chờ; khẩn cấp vẫn phát')),
    view.disk_ok ? null : el('li', null, state('bad', 'warn', 'Thẻ nhớ không ghi được'), el('small', null, 'việc làm chưa vào nhật ký')),
  ]);
  paint('alarms', view.alarms, (alarms) => {
    const rows = alarms.map((a) => el(a.grave ? 'p.alarm.grave' : 'p.alarm', null, icon('warn'),
      el('span', null, el('b', null, a.grave ? 'Nghiêm trọng: ' : 'Cần xem: '), a.text)));
    if (rows.length <= 4) return rows;
    return [...rows.slice(0, 3), el('details', { 'data-key': 'more' }, el('summary', null, `Còn ${rows.length - 3} việc nữa`), rows.slice(3))];
  });
  const airs = groups(view);
  const real = airs.some((g) => g.rank === 'emergency' && !g.drill);
  const drill = airs.some((g) => g.drill);
  document.body.classList.toggle('emergency', real);
  document.body.classList.toggle('drilling', drill && !real);
  document.getElementById('drill').hidden = !drill;
  const head = real ? 'KHẨN CẤP – ' : drill ? 'DIỄN TẬP – ' : '';
  document.title = `${head}${view.name}`;
  const count = (id, n, what) => { document.getElementById(id).textContent = n ? `${what} ${n}` : ''; };
  count('muted-count', view.clusters.filter((c) => c.muted_ms !== null).length, 'đang tắt');
  count('dark-count', view.boards.filter((b) => b.dark_ms !== null).length, 'đang tắt');
}

/** What is on air, each once, emergencies first. */
export function groups(view) {
  const found = new Map();
  for (const cluster of view.clusters) {
    if (!cluster.now) continue;
    const key = JSON.stringify([cluster.now.bulletin, cluster.now.title, cluster.now.rank, cluster.now.drill]);
    if (!found.has(key)) found.set(key, { ...cluster.now, places: [], heard: 0 });
    const group = found.get(key);
    group.places.push(cluster.name);
    if (cluster.now.audible && cluster.muted_ms === null) group.heard += 1;
  }
  return [...found.values()].sort((a, b) => (b.rank === 'emergency') - (a.rank === 'emergency') || (b.level || 0) - (a.level || 0));
}

export function now(view, today, acts) {
  const value = [groups(view), view.next[0] || null, view.clusters.length, today];
  paint('now', value, ([airs, next, all]) => airs.length ? airs.map((air) => {
    const urgent = air.rank === 'emergency';
    const kind = air.drill ? 'drill' : urgent ? 'urgent' : 'calm';
    const word = air.drill ? (urgent ? 'DIỄN TẬP khẩn cấp' : 'DIỄN TẬP') : urgent ? 'Khẩn cấp – đang phát' : 'Đang phát';
    const heard = air.heard === air.places.length ? state('good', 'well', air.heard === 1 ? 'Loa có tiếng' : `Cả ${air.heard} cụm có tiếng`)
      : state('bad', 'warn', `Có tiếng ở ${air.heard} trong ${air.places.length} cụm`);
    return el(`article.air.${kind}`, null,
      el('p.word', null, icon(air.drill ? 'drill' : urgent ? 'warn' : 'on'), el('span', null, word), urgent ? level(air.level) : null),
      el('h3', null, air.title || 'Không có tên'),
      el('p.meta', null, el('span', null, `${air.places.length === all ? 'Tất cả cụm loa' : air.places.join(', ')} · ${stage(air.stage)}`), heard),
      acts.may && el('button.stop', { type: 'button', 'data-key': `stop-${air.bulletin}`, onclick: () => acts.stop(air) }, icon('stop'), 'Dừng và đính chính'));
  }) : [el('article.air.none', null, el('p.word', null, icon('off'), el('span', null, 'Không phát gì')),
    el('p.meta', null, next ? `Tiếp theo: ${moment(next.at, today)} – ${next.title}` : 'Chưa có chương trình nào trong lịch.'))]);
}

function clusterRow(c, acts, alone) {
  const on = c.now;
  const until = c.muted_ms === null ? null : performance.now() + c.muted_ms;
  let word = state('quiet', 'off', 'Im lặng');
  if (until !== null) word = state('bad', 'mute', 'Đã tắt tiếng');
  else if (on && on.drill) word = state('drill', 'drill', 'Diễn tập');
  else if (on && on.rank === 'emergency') word = state('urgent', 'on', 'Khẩn cấp');
  else if (on) word = state('good', on.stage === 'waiting' ? 'wait' : 'on', on.stage === 'waiting' ? 'Chờ lượt' : 'Đang phát');
  const notes = [];
  if (until !== null) notes.push(el('span', null, 'còn ', countdown(until)));
  else if (on) notes.push(alone ? null : el('span', null, on.title), on.audible ? el('span', null, 'có tiếng') : state('bad', 'warn', 'chưa thấy tiếng'));
  if (c.degraded) notes.push(state('bad', 'warn', `${path(c.path)} – cần kiểm tra`));
  else notes.push(el('span', null, path(c.path)));
  return el('li', null, el('b.name', null, c.name || c.id), word, el('span.notes', null, notes),
    until !== null && acts.may && el('button.plain', { type: 'button', 'data-key': `lift-${c.id}`, onclick: () => acts.lift('mute', [c.id]) }, 'Bật lại tiếng'));
}

function boardRow(b, acts) {
  const until = b.dark_ms === null ? null : performance.now() + b.dark_ms;
  let word = state('quiet', 'off', 'Tối');
  if (until !== null) word = state('bad', 'dark', 'Đã tắt bảng');
  else if (b.text !== null) word = b.confirmed ? state('good', 'on', 'Đang hiện') : state('bad', 'wait', 'Chưa xác nhận');
  return el('li', null, el('b.name', null, b.name || b.id), word,
    el('span.notes', null, until !== null ? el('span', null, 'còn ', countdown(until)) : null, b.text !== null && level(b.level),
      b.text !== null ? el('q', null, b.text) : null),
    until !== null && acts.may && el('button.plain', { type: 'button', 'data-key': `lift-${b.id}`, onclick: () => acts.lift('blackout', [b.id]) }, 'Bật lại bảng'));
}

export function places(view, acts) {
  const on = view.clusters.filter((c) => c.now && c.muted_ms === null).length;
  document.getElementById('cluster-sum').textContent = view.clusters.length ? `${on} trong ${view.clusters.length} đang phát` : '';
  const alone = groups(view).length < 2;
  paint('clusters', view.clusters, (rows) => rows.length ? rows.map((c) => clusterRow(c, acts, alone)) : el('li.empty', null, 'Trạm chưa khai cụm loa nào.'));
  paint('boards', view.boards, (rows) => rows.length ? rows.map((b) => boardRow(b, acts)) : el('li.empty', null, 'Trạm không có bảng tin.'));
  const broken = view.outputs.filter((o) => o.state === 'faulted').length;
  document.getElementById('device-sum').textContent = `Thiết bị: ${view.outputs.length - broken} không báo lỗi${broken ? `, ${broken} hỏng` : ''}`;
  const words = { well: ['good', 'well', 'Tốt'], faulted: ['bad', 'warn', 'Hỏng'], unknown: ['quiet', 'wait', 'Chưa biết'] };
  const sensor = (o) => view.sensors.find((s) => `sensor/${s.id}` === o.id);
  paint('devices', [view.outputs, view.sensors.map(essence)], ([rows]) => rows.map((o) => sensor(o) ? sensorRow(sensor(o), o.fault) : el('li', null, el('b.name', null, o.id),
    state(...(words[o.state] || ['quiet', 'off', o.state])), el('span.notes', null, o.fault || '', o.id.startsWith('sink/') && figures(o.id.slice(5))),
    o.id.startsWith('sink/') && ear(o.id.slice(5)))));
}

export function checks(view, today, acts) {
  paint('selftest', [view.selftest, today, acts.may], ([test]) => selftest(test, today, acts.may));
  document.getElementById('drills-part').hidden = !view.drills.length;
  paint('drills', [view.drills, today], ([rows]) => drills(rows, today));
}

export function next(view, today) {
  paint('next', [view.next, today, view.clusters.length], ([rows, , all]) => rows.length ? rows.map((n) => el('li', null,
    el('span.at', null, el('b', null, hour(n.at)), day(n.at, today) && el('small', null, day(n.at, today))), el('span.what', null, n.title || 'Không có tên'),
    el('small', null, `${length(n.duration_s)} · ${n.clusters.length === all ? 'tất cả cụm' : `${n.clusters.length} cụm`}`)))
    : el('li.empty', null, 'Chưa có chương trình nào.'));
}

export function decisions(view, today, acts) {
  paint('decisions', [view.decisions, today], ([rows]) => rows.map((d) => {
    const usual = d.default === 'province' ? 'phát của tỉnh trước' : 'phát của xã trước';
    const answer = (first, words) => el('button.main', { type: 'button', 'data-key': `d${d.id}-${first}`, onclick: (e) => acts.decide(d.id, first, e.currentTarget) }, words);
    return el('article.ask', null,
      el('p.word', null, icon('wait'), el('span', null, d.deadline ? `Cần anh chị chọn trước ${moment(d.deadline, today)}` : 'Cần anh chị chọn')),
      el('h3', null, d.title),
      el('p', null, 'Bản tin ưu tiên này của tỉnh trùng với mục ưu tiên của xã trong chương trình ', el('b', null, d.programme), '. Bên nào phát trước?'),
      acts.may && el('div.pair', null, answer('province', 'Tỉnh trước'), answer('commune', 'Xã trước')),
      el('small', null, `Nếu không ai chọn, trạm sẽ ${usual}.`));
  }));
}

export function inbox(heads, today, acts) {
  paint('inbox', [heads, today], ([rows]) => {
    if (rows === null) return el('li.empty', null, 'Không đọc được hộp thư. Loa và bảng vẫn chạy bình thường.');
    if (!rows.length) return el('li.empty', null, 'Chưa có bản tin nào.');
    return rows.map((h) => {
      const [shape, word] = standing(h.state);
      const kind = ['failed', 'partial'].includes(h.state) ? 'bad' : h.state === 'on_air' ? 'good' : 'quiet';
      const plan = acts.may && ['waiting_choice', 'approved'].includes(h.state);
      return el('li', null,
        el('p.head', null, state(kind, shape, word), el(`span.priority.${h.priority}`, null, priority(h.priority)), h.drill && el('span.tag', null, 'DIỄN TẬP')),
        el('b', null, h.title || h.id), el('small', null, [h.issuer, h.field].filter(Boolean).join(' · ')),
        h.reason && el('small.why', null, h.reason),
        h.text && el('details', { 'data-key': `t-${h.id}` }, el('summary', { 'data-key': `s-${h.id}` }, 'Đọc'), el('p.body', null, h.text)),
        plan && el('button.plain', { type: 'button', 'data-key': `p-${h.id}`, onclick: () => acts.plan(h) }, 'Đưa vào lịch'));
    });
  });
}
