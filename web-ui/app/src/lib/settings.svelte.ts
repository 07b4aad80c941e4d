// What is being changed of the configuration: single edits over one version, until they are kept or dropped.

import type { Shape } from './api';
import { spoken, t } from './words.svelte';

export type SheetOf = Shape<'ConfigurationSheet'>;
export type SectionOf = Shape<'SectionRow'>;
export type KeyOf = Shape<'KeyRow'>;
export type Change = Shape<'Change'>;
export type Kept = string | number | boolean | unknown[] | Record<string, unknown> | null;

const at = (section: string, id: string | null, key: string) => `${section}/${id ?? ''}/${key}`;
let edits = $state<Record<string, Change>>({});

export const drafts = {
  /** All edits, in the order they were made. */
  get all(): Change[] {
    return Object.values(edits);
  },
  /** Whether a key is edited. */
  has: (section: string, id: string | null, key: string) => at(section, id, key) in edits,
  /** The edited value; `undefined` where it is not edited. */
  of: (section: string, id: string | null, key: string): Kept | undefined => edits[at(section, id, key)]?.value as Kept | undefined,
  /** Edits a key; the value that stands already is no edit. */
  set(section: string, id: string | null, key: string, value: Kept, stands: Kept): void {
    const name = at(section, id, key);
    if (JSON.stringify(value) === JSON.stringify(stands)) {
      edits = Object.fromEntries(Object.entries(edits).filter(([known]) => known !== name));
    } else edits = { ...edits, [name]: { act: 'set', section, id, key, value } };
  },
  drop(): void {
    edits = {};
  },
};

/** A word of the manual in the language of the desk; the manual itself is English. */
export const named = (kind: 'word' | 'unit' | 'model', word: string) => t(`settings.${kind}.${word}`, { defaultValue: word });

/** What a key is called on the desk; its name in the file where nobody named it. */
export const called = (section: string, key: string) => t(`settings.key.${section}.${key}`, { defaultValue: key });

/** What a key means: as the manual says it where the language of the desk has no words of its own. */
export function meant(section: string, key: KeyOf): string {
  if (spoken() === 'en') return key.doc;
  const worded = t(`settings.key.${section}.${key.name}`, { defaultValue: '' }) !== '';
  return t(`settings.hint.${section}.${key.name}`, { defaultValue: worded ? '' : key.doc });
}

/** A value as it stands in a field. */
export function shown(value: Kept | undefined): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object') ? value.join(', ') : JSON.stringify(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What was typed, as the file takes it; empty: left out. */
export function read(key: KeyOf, typed: string): Kept {
  const text = typed.trim();
  if (text === '') return null;
  if (key.kind === 'whole' || key.kind === 'number') return Number.isFinite(Number(text.replace(',', '.'))) ? Number(text.replace(',', '.')) : text;
  if (key.kind === 'texts') return text.split(',').map((one) => one.trim()).filter(Boolean);
  if (key.kind === 'wholes') return text.split(',').map((one) => Number(one.trim()));
  if (['words', 'inline', 'inlines'].includes(key.kind)) {
    try {
      return JSON.parse(text) as Kept;
    } catch {
      return text;
    }
  }
  return text;
}

/** The default as a field shows it. */
export const usual = (key: KeyOf) => (key.default ?? '').replace(/^"|"$/g, '').replace(/^\[|\]$/g, '').replace(/"/g, '');

/** Downloads a text as a file. */
export function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
