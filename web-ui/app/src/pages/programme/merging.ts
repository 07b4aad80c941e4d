// Two who changed one programme: what each changed stands, and where both changed the same, both are shown.

import { merge, type Tree } from '../../lib/merge';
import { date as written, length } from '../../lib/say';
import { single, type Programme } from '../../lib/week';
import { t } from '../../lib/words.svelte';

/** What of a programme is changed as one. */
export const FIELDS = ['title', 'start', 'duration_s', 'when', 'on_holidays', 'mode', 'clusters', 'boards', 'items'] as const;
export type Field = (typeof FIELDS)[number];

const clock = (start: string) => (start.length === 8 && start.endsWith(':00') ? start.slice(0, 5) : start);
const dates = (p: Programme) => ({ days: p.days ?? [], except: p.except ?? [], valid_from: p.valid_from || null, valid_until: p.valid_until || null });
const sorted = (ids: string[] | undefined) => [...(ids ?? [])].sort();

/** A field by itself; what has an order, or is one choice, is a text: it is taken whole or not at all. */
function part(p: Programme, field: Field, whole: boolean): Tree {
  switch (field) {
    case 'title': return p.title ?? '';
    case 'start': return clock(p.start);
    case 'duration_s': return p.duration_s;
    case 'when': return whole ? JSON.stringify(dates(p)) : (dates(p) as Tree);
    case 'on_holidays': return p.on_holidays ?? 'usual';
    case 'mode': return JSON.stringify([p.start_mode ?? 'hard', p.start_mode === 'wait' ? p.wait_s : 0]);
    case 'clusters': return JSON.stringify(sorted(p.targets.clusters));
    case 'boards': return JSON.stringify(sorted(p.targets.boards));
    case 'items': return JSON.stringify(p.items);
  }
}

/** The programme with one field of another. */
export function taken(mine: Programme, field: Field, theirs: Programme): Programme {
  switch (field) {
    case 'when': return { ...mine, ...dates(theirs) };
    case 'mode': return { ...mine, start_mode: theirs.start_mode, wait_s: theirs.wait_s };
    case 'clusters': return { ...mine, targets: { ...mine.targets, clusters: theirs.targets.clusters } };
    case 'boards': return { ...mine, targets: { ...mine.targets, boards: theirs.targets.boards } };
    case 'title': return { ...mine, title: theirs.title };
    case 'start': return { ...mine, start: theirs.start };
    case 'duration_s': return { ...mine, duration_s: theirs.duration_s };
    case 'on_holidays': return { ...mine, on_holidays: theirs.on_holidays };
    case 'items': return { ...mine, items: theirs.items };
  }
}

/** What is made of `mine` and `theirs`, which both came from `base`, and the fields that both changed: there `mine` stands. */
export function merged(base: Programme | null, mine: Programme, theirs: Programme): { programme: Programme; clashes: Field[] } {
  const clashes: Field[] = [];
  // Where one of both is for one day alone, its days and dates are one choice.
  const whole = [base, mine, theirs].some((one) => one === null || single(one));
  let programme = mine;
  for (const field of FIELDS) {
    const found: string[] = [];
    const [was, a, b] = [base ? part(base, field, whole) : undefined, part(mine, field, whole), part(theirs, field, whole)];
    const made = merge(was, a, b, found);
    if (found.length) clashes.push(field);
    else if (field === 'when' && !whole) programme = { ...programme, ...(made as ReturnType<typeof dates>) };
    else if (made === b) programme = taken(programme, field, theirs);
  }
  return { programme, clashes };
}

/** A field in a few words, as its form says it. */
export function said(p: Programme, field: Field, name: (id: string) => string): string {
  switch (field) {
    case 'title': return `«${p.title ?? ''}»`;
    case 'start': return clock(p.start);
    case 'duration_s': return length(p.duration_s);
    case 'when': {
      if (single(p)) return written(p.valid_from ?? '');
      const days = (p.days?.length ? p.days : ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']).map((day) => t(`common.day.${day}`)).join(', ');
      const bounds = [p.valid_from ? `${t('programme.from')} ${written(p.valid_from)}` : '', p.valid_until ? `${t('programme.untilShort')} ${written(p.valid_until)}` : '', p.except?.length ? `${t('programme.except')} ${p.except.map(written).join(', ')}` : ''];
      return [days, ...bounds.filter(Boolean)].join('; ');
    }
    case 'on_holidays': return t(`programme.onHolidays.${p.on_holidays ?? 'usual'}`);
    case 'mode': return t(`programme.modes.${p.start_mode ?? 'hard'}`);
    case 'clusters': return p.targets.clusters?.includes('*') ? t('home.allClusters') : (p.targets.clusters ?? []).map(name).join(', ') || '––';
    case 'boards': return p.targets.boards?.includes('*') ? t('programme.allBoards') : (p.targets.boards ?? []).map(name).join(', ') || '––';
    case 'items': return p.items.map((item) => t(`programme.item.${item.type}`)).join(' → ');
  }
}
