// Sounds for the ear of the officer alone: what the station's voice says, as addresses a browser can play.

import { raw, troubleOf } from './api';
import { t } from './words.svelte';

/** What went wrong, in the officer's words. */
class Said extends Error {
  override name = 'Said';
}

async function answered(path: string, init?: RequestInit): Promise<Response> {
  const answer = await raw(path, init).catch(() => { throw new Said(t('common.unreachable')); });
  if (!answer.ok) throw new Said(troubleOf(await answer.json().catch(() => null), answer.status).text);
  return answer;
}

async function sound(path: string, init?: RequestInit): Promise<string> {
  return URL.createObjectURL(await (await answered(path, init)).blob());
}

/** A text as the station's voice says it, with the lexicon that stands or another. */
export const said = (text: string, lexicon: string | null = null) =>
  sound('/api/v1/lexicon/try', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text, lexicon }) });

/** The text of a bulletin as the station's voice says it. */
export const told = (bulletin: string) => sound(`/api/v1/bulletins/${encodeURIComponent(bulletin)}/voice`);

/** A file of the station. */
export const filed = (sha256: string) => Promise.resolve(`/api/v1/media/${sha256}`);

/** A bulletin, as it would be heard: its recording where there is one on the station, else the voice. */
export async function heard(bulletin: string): Promise<string> {
  const answer = await answered(`/api/v1/bulletins/${encodeURIComponent(bulletin)}`);
  const whole = (await answer.json()) as { content: { kind: string; lang: string; sha256: string | null; here: boolean }[] };
  const sounds = whole.content.filter((part) => part.kind === 'audio' && part.here && part.sha256);
  const best = sounds.find((part) => part.lang.startsWith('vi')) ?? sounds[0];
  if (best?.sha256) return filed(best.sha256);
  if (!whole.content.some((part) => part.kind === 'text' && part.lang.startsWith('vi'))) throw new Said(t('compose.noSound'));
  return told(bulletin);
}
