// The browser's microphone: its level, and its samples for whoever wants them.

import tap from './microphone.worklet.ts?worker&url';

/** A hundredth of a second of one channel, −1 to 1. */
export type Piece = Float32Array;

/** An open microphone. */
export interface Microphone {
  /** Samples in a second. */
  readonly rate: number;
  close: () => void;
}

/** Why there is no microphone, as a key of the catalogue. */
export class NoMicrophone extends Error {
  constructor(public readonly key: 'insecure' | 'refused' | 'none') {
    super(key);
  }
}

/** Opens the microphone; every piece of it is handed over until it is closed. `null` where nobody wants it by the time it may be had: then it is closed again. */
export async function openMicrophone(take: (piece: Piece) => void, unwanted: AbortSignal): Promise<Microphone | null> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new NoMicrophone('insecure');
  let stream: MediaStream;
  try {
    // While the browser asks its user, much can happen.
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (fault) {
    throw new NoMicrophone(fault instanceof DOMException && fault.name === 'NotAllowedError' ? 'refused' : 'none');
  }
  const shut = () => { for (const track of stream.getTracks()) track.stop(); };
  unwanted.addEventListener('abort', shut);
  if (unwanted.aborted) {
    shut();
    return null;
  }
  const context = new AudioContext({ latencyHint: 'interactive' });
  const close = () => {
    unwanted.removeEventListener('abort', shut);
    shut();
    if (context.state !== 'closed') void context.close();
  };
  try {
    await context.audioWorklet.addModule(tap);
    const node = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
    if (unwanted.aborted) {
      close();
      return null;
    }
    node.port.onmessage = (event: MessageEvent<Piece>) => take(event.data);
    return { rate: context.sampleRate, close: () => { node.port.onmessage = null; close(); } };
  } catch {
    close();
    throw new NoMicrophone('none');
  }
}

const FLOOR_DB = -60;

/** How loud a piece is, 0 to 1 over 60 dB. */
export function loudness(piece: Piece): number {
  let sum = 0;
  for (const sample of piece) sum += sample * sample;
  const db = 10 * Math.log10(sum / piece.length + 1e-12);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / -FLOOR_DB));
}
