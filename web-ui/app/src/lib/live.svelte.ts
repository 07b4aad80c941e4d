// What the station does now, as it says it: one stream, and the truth about whether it is still heard.

import { raw, type Shape } from './api';

type View = Shape<'View'>;

const SILENT_MS = 30_000;
/** A line that was lost and is not back within this is said to be lost. */
const LOST_MS = 2_500;
const AGAIN_MS = 3_000;
const HANOI_MS = 7 * 3_600_000;

let view = $state.raw<View | null>(null);
let clock = $state<number | null>(null);
let tick = $state(0);
let stale = $state(false);
let heard = 0;
let broken: number | null = null;
let source: EventSource | null = null;
let timer: ReturnType<typeof setInterval> | null = null;
let gone: () => void = () => undefined;
let come: () => void = () => undefined;

function take(latest: View): void {
  view = latest;
  clock = latest.clock ? Date.parse(latest.clock) - performance.now() : null;
  still();
}

function still(): void {
  heard = performance.now();
  broken = null;
  stale = false;
}

function open(): void {
  source = new EventSource('/api/v1/events');
  source.addEventListener('air', (event: MessageEvent<string>) => take(JSON.parse(event.data) as View));
  source.addEventListener('open', () => come());
  source.addEventListener('beat', still);
  source.addEventListener('error', () => {
    broken ??= performance.now();
    if (source?.readyState === EventSource.CLOSED) void back();
  });
}

async function back(): Promise<void> {
  stale = true;
  const asking = source;
  const answer = await raw('/api/v1/air').catch(() => null);
  // Somebody signed in meanwhile: the answer is about the session before.
  if (source !== asking) return;
  if (answer?.status === 401) gone();
  else if (timer !== null) setTimeout(() => timer !== null && open(), AGAIN_MS);
}

export const live = {
  /** The newest picture; `null` before the first. */
  get view(): View | null {
    return view;
  },
  /** Nothing was heard of the station for half a minute: what is shown may be old. */
  get stale(): boolean {
    return stale;
  },
  /** The station's clock, milliseconds since 1970; `null` where it is not trusted. Moves once a second. */
  get now(): number | null {
    void tick;
    return clock === null ? null : clock + performance.now();
  },
  /** The station's date, `2026-11-21`; `null` where its clock is not trusted. */
  get today(): string | null {
    return this.minute?.slice(0, 10) ?? null;
  },
  /** The station's minute, `2026-11-21T05:30`; `null` where its clock is not trusted. */
  get minute(): string | null {
    const now = this.now;
    return now === null ? null : new Date(now + HANOI_MS).toISOString().slice(0, 16);
  },
  /** The same, by the clock of this machine where the station has not said its own. */
  get date(): string {
    void tick;
    return this.today ?? new Date(Date.now() + HANOI_MS).toISOString().slice(0, 10);
  },
  /** Milliseconds of this page, moving once a second: for countdowns. */
  get beat(): number {
    void tick;
    return performance.now();
  },
  /** Begins to listen; `away` is called when the session has ended, `back` whenever the stream was opened. */
  begin(away: () => void, back: () => void): void {
    this.end();
    gone = away;
    come = back;
    still();
    open();
    timer = setInterval(() => {
      tick += 1;
      const now = performance.now();
      stale = stale || now - heard > SILENT_MS || (broken !== null && now - broken > LOST_MS);
    }, 1000);
  },
  /** Listens no longer. */
  end(): void {
    source?.close();
    source = null;
    if (timer !== null) clearInterval(timer);
    timer = null;
    view = null;
    stale = false;
  },
};
