// A file on its way to the station, with how far it has come; openapi-fetch cannot tell that.

import { language, troubleOf, unreachable, type Told } from './api';

/** Sends bytes; `progress` hears 0 to 1, and `lost` is said where nothing came back. */
export function carry(path: string, type: string, body: Blob, progress: (part: number) => void, lost?: string): Promise<Told<unknown>> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', type);
    request.setRequestHeader('Accept-Language', language());
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      const told: unknown = request.response;
      done(request.status >= 200 && request.status < 300 ? { ok: true, value: told } : { ok: false, trouble: troubleOf(told, request.status) });
    };
    request.onerror = () => done(unreachable(lost));
    request.send(body);
  });
}
