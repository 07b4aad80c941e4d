// The station's API, typed by its own description.

import createClient from 'openapi-fetch';
import type { components, paths } from '../../generated/schema';
import { untrack } from 'svelte';
import { spoken, t } from './words.svelte';

/** A named shape of the API. */
export type Shape<K extends keyof components['schemas']> = components['schemas'][K];

/** The language of the desk; who asks is not to ask again because it changed. */
export const language = () => untrack(spoken);

export const api = createClient<paths>({ baseUrl: '/' });

// The station answers in the language of the desk, whatever that of the browser is.
api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language());
    return request;
  },
});

/** A request that is not described: of bytes, or answered with bytes. It too says the language of the desk. */
export function raw(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Accept-Language', language());
  return fetch(path, { ...init, headers });
}

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

/** What went wrong, of the body of an answer. */
export function troubleOf(error: unknown, status: number): Trouble {
  const told = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const said = [told.title, told.detail].filter((part): part is string => typeof part === 'string');
  const code = typeof told.code === 'string' ? told.code : '';
  const text = status === 401 && !AT_THE_DOOR.includes(code) ? t('common.signedOut') : said.join('. ').replace(/\.\./g, '.');
  return { text: text || t('common.answered', { status }), acted: told.acted === true, status, code, current: told.current };
}

/** Nothing came back. */
export const unreachable = (text = t('common.unreachable')): { ok: false; trouble: Trouble } => (
  { ok: false, trouble: { text, acted: false, status: 0, code: 'unreachable', current: undefined } });

/** Waits for an answer and never throws: an unreachable station is an answer too. */
export async function ask<T>(answering: Promise<Answered<T>>): Promise<Told<T>> {
  let answered: Answered<T>;
  try {
    answered = await answering;
  } catch {
    return unreachable();
  }
  if (answered.response.ok) return { ok: true, value: answered.data as T };
  return { ok: false, trouble: troubleOf(answered.error, answered.response.status) };
}
