// A list of the station: asked for when shown, again when something moved or time passed, one question at a time.

import type { Told, Trouble } from './api';

/** What a list looks like while it is looked at. */
export interface Asked<T> {
  readonly value: T | null;
  readonly trouble: Trouble | null;
  again: () => Promise<void>;
}

/**
 * Asks now, whenever `when` gives another value, and every `everyMs` while the page is seen. Call it while a component is made.
 * An answer that fails leaves the one before standing beside the trouble.
 */
export function asked<T>(question: () => Promise<Told<T>>, options: { when?: () => unknown; everyMs?: number } = {}): Asked<T> {
  let value = $state.raw<T | null>(null);
  let trouble = $state.raw<Trouble | null>(null);
  let busy = false;
  let due = false;

  async function again(): Promise<void> {
    if (busy) {
      due = true;
      return;
    }
    busy = true;
    const told = await question();
    busy = false;
    if (told.ok) {
      value = told.value;
      trouble = null;
    } else trouble = told.trouble;
    if (due) {
      due = false;
      await again();
    }
  }

  $effect(() => {
    options.when?.();
    void again();
  });
  $effect(() => {
    if (options.everyMs === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) void again();
    }, options.everyMs);
    return () => clearInterval(timer);
  });

  return {
    get value() {
      return value;
    },
    get trouble() {
      return trouble;
    },
    again,
  };
}
