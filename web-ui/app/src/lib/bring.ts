// A backup on its way to the station, with how far it is.

import type { Told } from './api';
import { t } from './words.svelte';

/** Sends a file; what went wrong is told in words. */
export function bring(file: File, progress: (share: number) => void): Promise<Told<null>> {
  return new Promise((done) => {
    const refused = (text: string, status: number, code: string) => done({ ok: false, trouble: { text, acted: false, status, code, current: undefined } });
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/restore/file');
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status === 200) return done({ ok: true, value: null });
      const told = (request.response ?? {}) as Record<string, unknown>;
      const said = [told.title, told.detail].filter((part): part is string => typeof part === 'string').join('. ').replace(/\.\./g, '.');
      refused(said || t('common.answered', { status: request.status }), request.status, String(told.code ?? ''));
    };
    request.onerror = () => refused(t('common.unreachable'), 0, 'unreachable');
    request.send(file);
  });
}
