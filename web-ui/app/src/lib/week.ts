// Days of the programme book: which programme is aired on which day, as the station reckons it.

import type { Shape } from './api';
import { weekday } from './say';

export type Programme = Shape<'Programme'>;
export type Booked = Shape<'Booked'>;
export type Limits = Shape<'Limits'>;

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A date so many days later: `2026-11-22`. */
export function later(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The Monday of a date's week. */
export const monday = (date: string) => later(date, -DAYS.indexOf(weekday(date)));

/** The seven days from a date on. */
export const seven = (from: string) => DAYS.map((_, n) => later(from, n));

/** Whether a programme is aired on a day. */
export function aired(programme: Programme, date: string, holidays: Map<string, string>): boolean {
  const days = programme.days ?? [];
  const mode = programme.on_holidays ?? 'usual';
  return (days.length === 0 || days.includes(weekday(date))) && !(programme.except ?? []).includes(date)
    && (!programme.valid_from || programme.valid_from <= date) && (!programme.valid_until || date <= programme.valid_until)
    && (mode === 'usual' || (mode === 'only') === holidays.has(date));
}

/** One programme on one day. */
export interface Airing { booked: Booked; date: string; start: string; end: string }

const two = (n: number) => String(n).padStart(2, '0');

/** `05:30` and so many seconds later, past midnight on the next day: `2026-11-22T05:45:00`. */
export function after(date: string, start: string, seconds: number): string {
  const [h = 0, m = 0, s = 0] = start.split(':').map(Number);
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCSeconds(h * 3600 + m * 60 + s + seconds);
  return at.toISOString().slice(0, 19);
}

/** What is aired on some days, soonest first. */
export function airings(book: Booked[], dates: string[], holidays: Map<string, string>): Airing[] {
  return dates.flatMap((date) => book
    .filter((one) => aired(one.programme, date, holidays))
    .map((booked) => ({
      booked, date,
      start: after(date, booked.programme.start, 0),
      end: after(date, booked.programme.start, booked.programme.duration_s),
    }))
    .sort((a, b) => a.start.localeCompare(b.start)));
}

/** Whether a programme is aired on one day alone. */
export const single = (programme: Programme) => Boolean(programme.valid_from) && programme.valid_from === programme.valid_until;

/** Whether two say the same thing at the same time in the same places, whatever they are called in the book. */
export const alike = (a: Programme, b: Programme) => {
  const told = (p: Programme) => JSON.stringify([p.title, p.start.slice(0, 5), p.duration_s, p.valid_from, [...(p.targets.clusters ?? [])].sort(), [...(p.targets.boards ?? [])].sort(), p.items]);
  return told(a) === told(b);
};

/** `05:30` of minutes after midnight. */
export const clock = (minutes: number) => `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;

/** An identity no other programme has. */
export const fresh = (date: string, start: string) => `xa-${date}-${start.replace(/:/g, '')}-${Math.random().toString(36).slice(2, 8)}`;
