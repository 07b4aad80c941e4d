// A programme half written: kept on this machine until it is in the book or thrown away.

import { forget, held, hold } from '../../lib/held';
import type { Programme } from '../../lib/week';

interface Kept { programme: Programme; known: number; base: Programme | null }
const KEY = 'desk.programme';

function read(): Kept | null {
  const kept = held<Kept>(KEY);
  return typeof kept?.programme?.programme_id === 'string' ? { ...kept, base: kept.base ?? null } : null;
}

let kept = $state.raw<Kept | null>(read());

export const draft = {
  /** What was being written last. */
  get kept(): Kept | null {
    return kept;
  },
  /** `base` is what stood in the book when it was begun. */
  keep(programme: Programme, known: number, base: Programme | null): void {
    const now = { programme, known, base };
    kept = now;
    // Not `kept`: who keeps in an effect would wait for what it wrote itself, and never end.
    hold(KEY, now);
  },
  drop(): void {
    kept = null;
    forget(KEY);
  },
};
