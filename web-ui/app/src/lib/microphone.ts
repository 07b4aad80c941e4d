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

/** Opens the microphone; every piece of it is handed over until it is closed. */
export async function openMicrophone(take: (piece: Piece) => void): Promise<Microphone> {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new NoMicrophone('insecure');
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  } catch (fault) {
    throw new NoMicrophone(fault instanceof DOMException && fault.name === 'NotAllowedError' ? 'refused' : 'none');
  }
  const context = new AudioContext({ latencyHint: 'interactive' });
  await context.audioWorklet.addModule(tap);
  const node = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
  node.port.onmessage = (event: MessageEvent<Piece>) => take(event.data);
  context.createMediaStreamSource(stream).connect(node);
  await context.resume();
  return {
    rate: context.sampleRate,
    close: () => {
      node.port.onmessage = null;
      for (const track of stream.getTracks()) track.stop();
      void context.close();
    },
  };
}

const FLOOR_DB = -60;

/** How loud a piece is, 0 to 1 over 60 dB. */
export function loudness(piece: Piece): number {
  let sum = 0;
  for (const sample of piece) sum += sample * sample;
  const db = 10 * Math.log10(sum / piece.length + 1e-12);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / -FLOOR_DB));
}
