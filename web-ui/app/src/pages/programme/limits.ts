// The limits of the site, in words: what they are, and which of them a programme does not keep to.

import { length, weekday } from '../../lib/say';
import { DAYS, single, type Limits, type Programme } from '../../lib/week';
import { t } from '../../lib/words.svelte';

const DAY_MIN = 1440;
const minute = (clock: string) => { const [h = 0, m = 0] = clock.split(':').map(Number); return 60 * h + m; };
const span = (one: { from: string; until: string }) => `${one.from}–${one.until}`;

/** What the site allows; empty where it allows everything. */
export function limitWords(limits: Limits | null): string[] {
  if (!limits) return [];
  return [
    limits.days.length ? t('programme.limit.days', { days: DAYS.filter((day) => limits.days.includes(day)).map((day) => t(`common.day.${day}`)).join(', ') }) : '',
    limits.sessions.length ? t('programme.limit.sessions', { spans: limits.sessions.map(span).join(', ') }) : '',
    limits.quiet ? t('programme.limit.quiet', { span: span(limits.quiet) }) : '',
    limits.longest_s ? t('programme.limit.longest', { length: length(limits.longest_s) }) : '',
  ].filter(Boolean);
}

/** Whether the site airs nothing of the commune on a date. */
export const barred = (limits: Limits | null, date: string) => Boolean(limits?.days.length && !limits.days.includes(weekday(date)));

/** What a programme does not keep to, as it is written now. */
export function beyond(limits: Limits | null, programme: Programme): string[] {
  if (!limits || !/^\d\d:\d\d/.test(programme.start)) return [];
  const from = minute(programme.start);
  const until = from + programme.duration_s / 60;
  const found: string[] = [];
  if (limits.longest_s && programme.duration_s > limits.longest_s) found.push(t('programme.limit.longest', { length: length(limits.longest_s) }));
  if (limits.quiet) {
    const [a, b] = [minute(limits.quiet.from), minute(limits.quiet.until)];
    const nights = a > b ? [[0, b], [a, DAY_MIN + b], [DAY_MIN + a, 2 * DAY_MIN]] : [[a, b], [DAY_MIN + a, DAY_MIN + b]];
    if (nights.some(([x = 0, y = 0]) => from < y && x < until)) found.push(t('programme.limit.quiet', { span: span(limits.quiet) }));
  }
  const within = (one: { from: string; until: string }) => minute(one.from) <= from && until <= minute(one.until);
  if (limits.sessions.length && !limits.sessions.some(within)) found.push(t('programme.limit.sessions', { spans: limits.sessions.map(span).join(', ') }));
  const days = single(programme) ? [weekday(programme.valid_from ?? '')] : programme.days?.length ? programme.days : [...DAYS];
  const off = limits.days.length ? days.filter((day) => !limits.days.includes(day)) : [];
  if (off.length) found.push(t('programme.limit.notOn', { days: off.map((day) => t(`common.day.${day}`)).join(', ') }));
  return found;
}
