// Who is on duty on a day, by the rota.

import { api, ask, type Shape } from './api';
import { live } from './live.svelte';
import { notices } from './notices.svelte';
import { weekday } from './say';
import { session } from './session.svelte';
import { t } from './words.svelte';

type Duty = Shape<'Duty'>;

/** The rows of a date: its own, or those of its weekday. */
export function onDuty(rows: Duty[], date: string): Duty[] {
  const own = rows.filter((row) => row.on === date);
  return own.length ? own : rows.filter((row) => row.on === weekday(date));
}

/** The rows that mean whoever sits here. */
export const mine = (rows: Duty[]) => rows.filter((row) => row.account === session.person?.name);

/** In which sessions; empty for the whole day. */
export const sessionsOf = (rows: Duty[]) => (rows.some((row) => !row.session) ? '' : rows.map((row) => row.session).join(', '));

/** Whoever sits down is told that it is his day, or that tomorrow is. */
export async function remind(): Promise<void> {
  const told = await ask(api.GET('/api/v1/rota'));
  if (!told.ok) return;
  const today = mine(onDuty(told.value.rows, live.date));
  if (!today.length) return;
  const sessions = sessionsOf(today);
  notices.say(sessions ? t('programme.dutyYouIn', { sessions }) : t('programme.dutyYou'));
}
