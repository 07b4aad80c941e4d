// The station's API, typed by its own description.

import createClient from 'openapi-fetch';
import type { components, paths } from '../../generated/schema';
import { t } from './words.svelte';

/** A named shape of the API. */
export type Shape<K extends keyof components['schemas']> = components['schemas'][K];

export const api = createClient<paths>({ baseUrl: '/' });

/** What went wrong, in the officer's language, and whether the order had its effect all the same. */
export interface Trouble {
  text: string;
  acted: boolean;
  status: number;
  code: string;
  /** What stands where somebody else was faster, or what acted all the same. */
  current: unknown;
}

/** An answer: what was asked for, or what went wrong. */
export type Told<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Refusals of 401 that are about what was typed, and not about a session that ended. */
const AT_THE_DOOR = ['wrong_password', 'code_wanted', 'wrong_code'];

function troubleOf(error: unknown, status: number): Trouble {
  const told = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const said = [told.title, told.detail].filter((part): part is string => typeof part === 'string');
  const code = typeof told.code === 'string' ? told.code : '';
  const text = status === 401 && !AT_THE_DOOR.includes(code) ? t('common.signedOut') : said.join('. ').replace(/\.\./g, '.');
  return { text: text || t('common.answered', { status }), acted: told.acted === true, status, code, current: told.current };
}

/** Waits for an answer and never throws: an unreachable station is an answer too. */
export async function ask<T>(answering: Promise<Answered<T>>): Promise<Told<T>> {
  let answered: Answered<T>;
  try {
    answered = await answering;
  } catch {
    return { ok: false, trouble: { text: t('common.unreachable'), acted: false, status: 0, code: 'unreachable', current: undefined } };
  }
  if (answered.response.ok) return { ok: true, value: answered.data as T };
  return { ok: false, trouble: troubleOf(answered.error, answered.response.status) };
}
