// A file on its way to the station: how far it has come, and what became of it.

import type { Shape, Told } from './api';
import { t } from './words.svelte';

export type Medium = Shape<'Medium'>;

/** Largest files, bytes, as the station takes them; what is larger is not even sent. */
const LARGEST: Record<string, number> = { audio: 200 * 2 ** 20, image: 20 * 2 ** 20, video: 48 * 2 ** 20 };

const refused = (text: string, code: string): Told<Medium> => ({ ok: false, trouble: { text, acted: false, status: 0, code, current: undefined } });

/** Sends a file; its name stays here. `kind` is what it is to be; `progress` hears 0 to 1. */
export function upload(file: Blob, kind: 'audio' | 'image' | 'video', progress: (part: number) => void): Promise<Told<Medium>> {
  const largest = LARGEST[kind] ?? 0;
  if (file.size > largest) return Promise.resolve(refused(t('compose.tooLarge', { mb: largest / 2 ** 20 }), 'too_large'));
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/media');
    request.responseType = 'json';
    // What the browser takes it for only where it is of the right kind: otherwise its bytes are to say it.
    request.setRequestHeader('Content-Type', file.type.startsWith(`${kind}/`) ? file.type : 'application/octet-stream');
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      const told = (request.response ?? {}) as Record<string, unknown>;
      if (request.status === 200) {
        const medium = told as unknown as Medium;
        return done(medium.kind === kind ? { ok: true, value: medium } : refused(t('compose.otherKind'), 'other_kind'));
      }
      const said = [told.title, told.detail].filter((part): part is string => typeof part === 'string').join('. ').replace(/\.\./g, '.');
      done({ ok: false, trouble: { text: said || t('common.answered', { status: request.status }), acted: false, status: request.status, code: String(told.code ?? ''), current: undefined } });
    };
    request.onerror = () => done(refused(t('compose.notSent'), 'unreachable'));
    request.send(file);
  });
}
