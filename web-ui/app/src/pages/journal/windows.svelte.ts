// Windows of time a commune reports on: the day, the week, fifteen days, the month, the quarter, half a year, and the province's year
// from 15/12 to 14/12.

import { live } from '../../lib/live.svelte';

export interface Window {
  key: 'today' | 'week' | 'fortnight' | 'month' | 'lastMonth' | 'quarter' | 'half' | 'province' | 'year';
  from: string;
  to: string;
}

const text = (day: Date) => day.toISOString().slice(0, 10);
const at = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day));

/** The windows of a day, `2026-11-22`. */
export function windows(today: string): Window[] {
  const now = new Date(`${today}T00:00:00Z`);
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const monday = at(year, month, day - ((now.getUTCDay() + 6) % 7));
  // The year of the province's report ends on 14 December.
  const last = month === 11 && day >= 15 ? year + 1 : year;
  return [
    { key: 'today', from: today, to: today },
    { key: 'week', from: text(monday), to: text(at(monday.getUTCFullYear(), monday.getUTCMonth(), monday.getUTCDate() + 6)) },
    { key: 'fortnight', from: text(at(year, month, day - 14)), to: today },
    { key: 'month', from: text(at(year, month, 1)), to: text(at(year, month + 1, 0)) },
    { key: 'lastMonth', from: text(at(year, month - 1, 1)), to: text(at(year, month, 0)) },
    { key: 'quarter', from: text(at(year, month - (month % 3), 1)), to: text(at(year, month - (month % 3) + 3, 0)) },
    { key: 'half', from: text(at(year, month < 6 ? 0 : 6, 1)), to: text(at(year, month < 6 ? 6 : 12, 0)) },
    { key: 'year', from: text(at(year, 0, 1)), to: text(at(year, 11, 31)) },
    { key: 'province', from: text(at(last - 1, 11, 15)), to: text(at(last, 11, 14)) },
  ];
}

/** Two days that are looked at: one of the windows, which moves with the station's day, or any two. */
export class Span {
  private key = $state<Window['key'] | null>(null);
  private own = $state({ from: '', to: '' });
  // A day by itself: the clock moves every second, and what is asked for must not.
  private readonly day = $derived(live.date);
  readonly presets = $derived(windows(this.day));
  private readonly preset = $derived(this.presets.find((one) => one.key === this.key));

  constructor(key: Window['key']) {
    this.key = key;
  }
  get from(): string {
    return this.preset?.from ?? this.own.from;
  }
  set from(from: string) {
    this.own = { from, to: this.to };
    this.key = null;
  }
  get to(): string {
    return this.preset?.to ?? this.own.to;
  }
  set to(to: string) {
    this.own = { from: this.from, to };
    this.key = null;
  }
  /** Takes a window of the list. */
  choose(key: Window['key']): void {
    this.key = key;
  }
}
