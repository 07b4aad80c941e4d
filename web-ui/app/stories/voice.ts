// What the browsers of the stories say into their microphone: a chirp every two seconds, and silence between.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export const RATE = 48_000;
const EVERY_S = 2;
const CHIRP_S = 0.2;
const SECONDS = 20;

/** Writes the voice as a WAV file, 16 bits, one channel; where it is. */
export function voice(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const frames = RATE * SECONDS;
  const bytes = Buffer.alloc(44 + frames * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + frames * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames * 2, 40);
  for (let frame = 0; frame < frames; frame += 1) {
    const at = (frame / RATE) % EVERY_S;
    // From 400 to 2,400 Hz while it lasts.
    const sample = at < CHIRP_S ? 0.6 * Math.sin(2 * Math.PI * (400 * at + (2000 / CHIRP_S) * at * at / 2)) : 0;
    bytes.writeInt16LE(Math.round(sample * 32_767), 44 + frame * 2);
  }
  const path = `${dir}/voice.wav`;
  writeFileSync(path, bytes);
  return path;
}

/** Moments at which something loud begins in the first channel of a WAV file of two, frames. */
export function onsets(path: string, from: number): number[] {
  const bytes = readFileSync(path);
  const found: number[] = [];
  const look = RATE / 100;
  let quietFor = look * 50;
  for (let frame = from; 44 + (frame + look) * 4 <= bytes.length; frame += look) {
    let peak = 0;
    for (let at = frame; at < frame + look; at += 1) peak = Math.max(peak, Math.abs(bytes.readInt16LE(44 + at * 4)));
    if (peak < 1000) quietFor += look;
    else {
      if (quietFor >= look * 30) found.push(frame);
      quietFor = 0;
    }
  }
  return found;
}
