// Sends speech to the station, one piece after the other; what waits is joined, and what is too old is dropped and counted.

import { raw } from './api';

/** Longest piece that is sent, milliseconds: the station takes 20 to 200. */
const PIECE_MS = 200;
/** Older than this, speech is of no use live, milliseconds. */
const STALE_MS = 1500;

/** Speech on its way. */
export class Talk {
  private waiting: Float32Array[] = [];
  private sending = false;
  private over = false;
  /** Milliseconds that were dropped because the line was too slow. */
  public lostMs = 0;

  constructor(private readonly live: string, private readonly rate: number, private readonly ended: (status: number) => void) {}

  /** Takes a piece of the microphone. */
  say(piece: Float32Array): void {
    if (this.over) return;
    this.waiting.push(piece);
    const held = () => this.waiting.reduce((sum, p) => sum + p.length, 0) * 1000 / this.rate;
    while (held() > STALE_MS) this.lostMs += ((this.waiting.shift()?.length ?? 0) * 1000) / this.rate;
    if (!this.sending) void this.send();
  }

  /** Sends nothing more. */
  end(): void {
    this.over = true;
    this.waiting = [];
  }

  private async send(): Promise<void> {
    this.sending = true;
    const least = this.rate / 25;
    while (!this.over && this.waiting.reduce((sum, p) => sum + p.length, 0) >= least) {
      const body = this.joined();
      try {
        const answer = await raw(`/api/v1/live/${encodeURIComponent(this.live)}/voice`, {
          method: 'POST', headers: { 'Content-Type': `audio/L16;rate=${this.rate}` }, body,
        });
        if (!answer.ok && !this.over) {
          this.over = true;
          this.ended(answer.status);
        }
      } catch {
        // The line broke: what is said meanwhile waits, and is dropped when it is too old.
        await new Promise((done) => setTimeout(done, 200));
      }
    }
    this.sending = false;
  }

  /** What waits, as RFC 2586 wants it: 16 bits, big-endian. */
  private joined(): ArrayBuffer {
    const most = (this.rate * PIECE_MS) / 1000;
    const taken: Float32Array[] = [];
    let count = 0;
    while (this.waiting[0] && count + this.waiting[0].length <= most) {
      count += this.waiting[0].length;
      taken.push(this.waiting[0]);
      this.waiting.shift();
    }
    const view = new DataView(new ArrayBuffer(count * 2));
    let at = 0;
    for (const piece of taken) {
      for (const sample of piece) {
        view.setInt16(at, Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))), false);
        at += 2;
      }
    }
    return view.buffer;
  }
}
