// What became of a change of the network: one on trial is told by its own card, and by no notice that would cover it.

import type { Shape, Told } from '../../../lib/api';
import { concluded } from '../../../lib/order';

/** What must be shown in its form; empty where it was begun or is done. */
export function begun(told: Told<Shape<'NetworkBegun'>>, what: string): string {
  return told.ok && told.value.trial ? '' : concluded(told, what);
}
