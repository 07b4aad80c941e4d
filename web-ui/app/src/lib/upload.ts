// A file for the air or the boards, on its way to the station: how far it has come, and what became of it.

import type { Shape, Told } from './api';
import { carry } from './carry';
import { t } from './words.svelte';

export type Medium = Shape<'Medium'>;

/** Largest files, bytes, as the station takes them; what is larger is not even sent. */
const LARGEST: Record<string, number> = { audio: 200 * 2 ** 20, image: 20 * 2 ** 20, video: 48 * 2 ** 20 };

const refused = (text: string, code: string): Told<Medium> => ({ ok: false, trouble: { text, acted: false, status: 0, code, current: undefined } });

/** Sends a file; its name stays here. `kind` is what it is to be; `progress` hears 0 to 1. */
export async function upload(file: Blob, kind: 'audio' | 'image' | 'video', progress: (part: number) => void): Promise<Told<Medium>> {
  const largest = LARGEST[kind] ?? 0;
  if (file.size > largest) return refused(t('compose.tooLarge', { mb: largest / 2 ** 20 }), 'too_large');
  // What the browser takes it for only where it is of the right kind: otherwise its bytes are to say it.
  const type = file.type.startsWith(`${kind}/`) ? file.type : 'application/octet-stream';
  const told = await carry('/api/v1/media', type, file, progress, t('compose.notSent'));
  if (!told.ok) return told;
  const medium = told.value as Medium;
  return medium.kind === kind ? { ok: true, value: medium } : refused(t('compose.otherKind'), 'other_kind');
}
