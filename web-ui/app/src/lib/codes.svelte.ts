// Code lists: the province's where it sent one, what is built in where it did not. A code keeps its name when it is over.

import { api, ask, type Shape } from './api';
import { spoken, t } from './words.svelte';

export type Coded = Shape<'CodeRow'>;

/** Built-in codes of a list; their names are words of the desk. */
const BUILT_IN: Record<string, string[]> = {
  field: ['y-te', 'nong-nghiep', 'giao-duc', 'an-ninh', 'van-hoa', 'chinh-sach'],
};
const EVERY_MS = 300_000;

let lists = $state.raw<Record<string, Coded[]>>({});
const looked = new Map<string, number>();

/** A name in the language spoken now, in Vietnamese where it has none. */
export const inWords = (names: Record<string, string>) => names[spoken()] ?? names.vi ?? Object.values(names)[0] ?? '';

async function fetched(list: string): Promise<void> {
  const told = await ask(api.GET('/api/v1/codes'));
  if (!told.ok || !told.value.lists.some((one) => one.id === list)) return;
  const whole = await ask(api.GET('/api/v1/codes/{id}', { params: { path: { id: list } } }));
  if (whole.ok) lists = { ...lists, [list]: whole.value.codes };
}

/** Asks for a list, unless that was done a moment ago. Call it where a page begins. */
export function know(list: string): void {
  if (performance.now() - (looked.get(list) ?? -EVERY_MS) < EVERY_MS) return;
  looked.set(list, performance.now());
  void fetched(list);
}

const builtIn = (list: string) => (BUILT_IN[list] ?? []).map((code) => ({ code, name: t(`compose.fields.${code}`) }));

/** What may be chosen today. */
export function offered(list: string): { code: string; name: string }[] {
  const sent = lists[list];
  return sent ? sent.filter((one) => one.standing === 'valid').map((one) => ({ code: one.code, name: inWords(one.names) })) : builtIn(list);
}

/** The province's row of a code, where it sent one. */
export const rowOf = (list: string, code: string): Coded | undefined => lists[list]?.find((one) => one.code === code);

/** What a code means, whether or not it may still be used; the code itself where nobody knows. */
export function called(list: string, code: string): string {
  const row = rowOf(list, code);
  return row ? inWords(row.names) : (builtIn(list).find((one) => one.code === code)?.name ?? code);
}
