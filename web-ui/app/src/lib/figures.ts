// The figures of a report as they are charted and told: hours on air, success, interruptions.

import type { Shape } from './api';

export type Figures = Shape<'Figures'>;
export type Measure = 'hours' | 'success' | 'interruptions';
export const MEASURES: Measure[] = ['hours', 'success', 'interruptions'];

const HOUR_S = 3600;

/** A share in per cent; of nothing there is none. */
export const share = (part: number, whole: number): number | null => (whole > 0 ? (100 * part) / whole : null);

/** What a measure says of figures. */
export function measured(figures: Figures, measure: Measure): number | null {
  if (measure === 'hours') return figures.actual_s / HOUR_S;
  return measure === 'success' ? share(figures.done, figures.plays) : figures.interrupted;
}

/** `22/11` of a day, `11/2026` of a month. */
export function shortDay(key: string): string {
  const [year = '', month = '', day] = key.split('-');
  return day === undefined ? `${month}/${year}` : `${day}/${month}`;
}
