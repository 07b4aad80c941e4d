// Shape and colour of where a bulletin stands; its word is in the catalogue.

import type { Shape as Drawn } from '../ui/Icon.svelte';

interface Stands { kind: 'good' | 'quiet' | 'bad'; shape: Drawn }

const STANDS: Record<string, Stands> = {
  ready: { kind: 'quiet', shape: 'well' },
  approved: { kind: 'good', shape: 'well' },
  rejected: { kind: 'bad', shape: 'off' },
  on_air: { kind: 'good', shape: 'on' },
  done: { kind: 'quiet', shape: 'well' },
  partial: { kind: 'bad', shape: 'warn' },
  failed: { kind: 'bad', shape: 'warn' },
  expired: { kind: 'quiet', shape: 'off' },
  recalled: { kind: 'quiet', shape: 'stop' },
};

/** How a bulletin's state is drawn; what still moves is drawn as waiting. */
export const standing = (state: string): Stands => STANDS[state] ?? { kind: 'quiet', shape: 'wait' };
