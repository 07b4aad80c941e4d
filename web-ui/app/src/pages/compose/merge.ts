// Two people wrote into one draft: what only one of them changed is taken from him, the rest is asked about.

import type { Shape } from '../../lib/api';

export type Sheet = Shape<'Sheet'>;
export type Rendition = Shape<'Rendition'>;

/** A field that both changed: mine stands, theirs can be taken. */
export interface Clash {
  /** The field, or `lang` and field of a rendition as `vi.text`. */
  field: string;
  /** What they wrote, in words. */
  theirs: string;
  take: (sheet: Sheet) => void;
}

/** In one order of keys: the station and this page write them differently. */
const sorted = (_: string, value: unknown): unknown =>
  (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value);

/** Whether two say the same. */
export const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null, sorted) === JSON.stringify(b ?? null, sorted);
const words = (value: unknown) => (typeof value === 'string' ? value : value == null ? '–' : JSON.stringify(value));

type Fields = Record<string, unknown>;

function fields(base: Fields, mine: Fields, theirs: Fields, differs: (key: string, theirs: unknown) => void): Fields {
  const merged: Fields = {};
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const [was, here, there] = [base[key], mine[key], theirs[key]];
    merged[key] = same(here, was) ? there : here;
    if (!same(here, was) && !same(there, was) && !same(here, there)) differs(key, there);
  }
  return merged;
}

/** What both wrote over the same draft, with what they do not agree on. */
export function merge(base: Sheet, mine: Sheet, theirs: Sheet): { sheet: Sheet; clashes: Clash[] } {
  const clashes: Clash[] = [];
  const { renditions: wasR = [], ...was } = base;
  const { renditions: mineR = [], ...here } = mine;
  const { renditions: theirR = [], ...there } = theirs;
  const plain = fields(was, here, there, (field, value) => {
    clashes.push({ field, theirs: words(value), take: (sheet) => { (sheet as Fields)[field] = value; } });
  });
  const of = (all: Rendition[], lang: string | undefined) => all.find((one) => one.lang === lang);
  const langs = [...new Set([...mineR, ...theirR].map((one) => one.lang))];
  const renditions = langs.flatMap((lang) => {
    const [before, m, o] = [of(wasR, lang), of(mineR, lang), of(theirR, lang)];
    // Taken away by one, and left as it was by the other: it is gone.
    if (!m) return before && same(o, before) ? [] : o ? [o] : [];
    if (!o) return before && same(m, before) ? [] : [m];
    const merged = fields(before ?? {}, m, o, (field, value) => {
      const take = (sheet: Sheet) => { const one = of(sheet.renditions ?? [], lang); if (one) (one as Fields)[field] = value; };
      clashes.push({ field: `${lang}.${field}`, theirs: words(value), take });
    });
    return [merged as Rendition];
  });
  return { sheet: { ...(plain as Sheet), renditions }, clashes };
}
