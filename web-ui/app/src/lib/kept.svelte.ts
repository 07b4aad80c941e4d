// What was typed in a form: kept on this machine for whoever typed it, until it is sent or thrown away; a tap beside it loses nothing.

import { untrack } from 'svelte';
import { forget, held, hold } from './held';
import { session } from './session.svelte';

const HERE = 'form.';
/** As long as a session: what was typed before belongs to another day. */
const LONGEST_MS = 12 * 3_600_000;
const HANOI_MS = 7 * 3_600_000;

/** A form that is kept. */
export interface Kept {
  /** The hour it was left at, `05:30`, where it goes on; else empty. */
  readonly since: string;
  /** It was sent, or is to begin anew. */
  drop: () => void;
  /** Begins anew. */
  afresh: () => void;
}

const keyOf = (form: string) => `${HERE}${session.person?.name ?? ''}.${form}`;
const fits = (one: object, other: object) => Object.keys(one).sort().join() === Object.keys(other).sort().join();

/** Keeps a form. Call it while its component is made: `put` is given what was left, where something was. */
export function kept<T extends object>(form: string, read: () => T, put: (was: T) => void): Kept {
  const key = keyOf(form);
  const blank = untrack(() => JSON.stringify(read()));
  const fresh = () => JSON.parse(blank) as T;
  const left = held<{ at: number; was: T }>(key);
  let since = $state('');
  let last = blank;
  if (left && Date.now() - left.at < LONGEST_MS && fits(left.was, fresh())) {
    untrack(() => put(left.was));
    last = JSON.stringify(left.was);
    since = new Date(left.at + HANOI_MS).toISOString().slice(11, 16);
  }
  $effect(() => {
    const now = JSON.stringify(read());
    if (now === last) return;
    last = now;
    if (now === blank) forget(key);
    else hold(key, { at: Date.now(), was: JSON.parse(now) as T });
  });
  const drop = () => {
    forget(key);
    since = '';
  };
  return {
    get since() { return since; },
    drop,
    afresh: () => {
      drop();
      put(fresh());
    },
  };
}

/** What was made of something of the station. */
export interface Over<T> { base: T; mine: T }

/**
 * Keeps a form that the station fills first; returns what was left of it, for its maker to merge with what stands now.
 * `read` says `undefined` while nothing is known yet and `null` where nothing was changed.
 */
export function keptOver<T>(form: string, read: () => Over<T> | null | undefined): Over<T> | null {
  const key = keyOf(form);
  const left = held<Over<T>>(key);
  $effect(() => {
    const now = read();
    if (now === null) forget(key);
    else if (now !== undefined) hold(key, now);
  });
  return left && 'base' in left && 'mine' in left ? left : null;
}
