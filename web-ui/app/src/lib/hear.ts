// Sounds for the ear of the officer alone: what the station's voice says, as addresses a browser can play.

import { t } from './words.svelte';

/** What went wrong, in the officer's words. */
class Said extends Error {
  override name = 'Said';
}

async function spoken(asking: Promise<Response>): Promise<string> {
  const answer = await asking.catch(() => { throw new Said(t('common.unreachable')); });
  if (answer.ok) return URL.createObjectURL(await answer.blob());
  const told = (await answer.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Said([told.title, told.detail].filter(Boolean).join('. ') || t('common.answered', { status: answer.status }));
}

/** A text as the station's voice says it. */
export const said = (text: string) =>
  spoken(fetch('/api/v1/lexicon/try', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text }) }));

/** The text of a bulletin as the station's voice says it. */
export const told = (bulletin: string) => spoken(fetch(`/api/v1/bulletins/${encodeURIComponent(bulletin)}/voice`));

/** A file of the station. */
export const filed = (sha256: string) => Promise.resolve(`/api/v1/media/${sha256}`);

/** A bulletin, as it would be heard: its recording where there is one on the station, else the voice. */
export async function heard(bulletin: string): Promise<string> {
  const answer = await fetch(`/api/v1/bulletins/${encodeURIComponent(bulletin)}`).catch(() => { throw new Said(t('common.unreachable')); });
  if (!answer.ok) throw new Said(t('compose.unheard'));
  const whole = (await answer.json()) as { content: { kind: string; lang: string; sha256: string | null; here: boolean }[] };
  const sounds = whole.content.filter((part) => part.kind === 'audio' && part.here && part.sha256);
  const sound = sounds.find((part) => part.lang.startsWith('vi')) ?? sounds[0];
  if (sound?.sha256) return filed(sound.sha256);
  if (!whole.content.some((part) => part.kind === 'text' && part.lang.startsWith('vi'))) throw new Said(t('compose.noSound'));
  return told(bulletin);
}
