// An order and what became of it: said on the page, and kept there until somebody closes it.

import { notices } from './notices.svelte';
import type { Told } from './api';
import { t } from './words.svelte';

/** Says what became of an order; returns what must be shown in its form, empty where it took effect. */
export function concluded(told: Told<{ seq: number }>, what: string): string {
  if (told.ok) {
    notices.say(t('common.noted', { what, seq: told.value.seq }));
    return '';
  }
  if (told.trouble.acted) {
    notices.say(t('common.acted', { text: told.trouble.text }), true);
    return '';
  }
  return told.trouble.text;
}
