// Numbers, hours and days as Vietnamese write them, in the language of the desk.

import { spoken, t } from './words.svelte';

const DAY_KEYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** The key of a date's weekday: `mon`. */
export function weekday(date: string): (typeof DAY_KEYS)[number] {
  return DAY_KEYS[new Date(`${date.slice(0, 10)}T00:00:00Z`).getUTCDay()] ?? 'mon';
}

/** `05:30` of an RFC 3339 moment in the station's zone. */
export const hour = (moment: string) => moment.slice(11, 16);

/** `22/11/2026`. */
export const date = (moment: string) => moment.slice(0, 10).split('-').reverse().join('/');

/** The day of a moment where it is not today: `T7 22/11`. */
export function day(moment: string, today: string | null): string {
  const its = moment.slice(0, 10);
  if (its === today) return '';
  const [, month, number] = its.split('-');
  return `${t(`common.day.${weekday(its)}`)} ${Number(number)}/${Number(month)}`;
}

/** `05:30`, with its day where that is not today. */
export const moment = (at: string, today: string | null) => [hour(at), day(at, today)].filter(Boolean).join(' ');

/** A length of time, in the two units that matter. */
export function length(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return t('common.seconds', { count: whole });
  if (whole < 3600) return t('common.minutes', { count: Math.round(whole / 60) });
  const minutes = Math.round((whole % 3600) / 60);
  const hours = t('common.hours', { count: Math.floor(whole / 3600) });
  return minutes ? `${hours} ${t('common.minutes', { count: minutes })}` : hours;
}

/** `04:59`, counting down; hours where there are any. */
export function left(ms: number): string {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${two(Math.floor(s / 60))}:${two(s % 60)}`;
}

const ZONES: Record<string, string> = { vi: 'vi-VN', en: 'en-GB', km: 'km-KH' };

/** A number with the signs of the language: `1.234,5`. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(ZONES[spoken()] ?? 'vi-VN', { maximumFractionDigits: digits });
}
