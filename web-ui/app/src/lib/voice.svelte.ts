// This desk's own voice on air: one microphone for all pages, who may end it, and what happens when the page goes.

import { api, ask, raw } from './api';
import { live } from './live.svelte';
import { loudness, NoMicrophone, openMicrophone, type Microphone, type Piece } from './microphone';
import { notices } from './notices.svelte';
import { concluded } from './order';
import { session } from './session.svelte';
import { Talk } from './talk';
import { t } from './words.svelte';

/** What this desk says on air. */
export interface Speaking { live: string; emergency: boolean }

const SOON_MS = 700;

let microphone = $state.raw<Microphone | null>(null);
let speaking = $state.raw<Speaking | null>(null);
let asked = $state<string | null>(null);
let level = $state(0);
let lostMs = $state(0);
/** What carries `speaking`; told at once to a component that ends, where a state is still what it was. */
let talk: Talk | null = null;
/** The microphone on its way: asked for once, however many want it. */
let opening: { done: Promise<string>; unwanted: AbortController } | null = null;

function take(piece: Piece): void {
  // The meter falls slowly and rises at once, as meters do.
  level = Math.max(loudness(piece), level - 0.02);
  talk?.say(piece);
  lostMs = talk?.lostMs ?? 0;
}

function over(status: number): void {
  const was = speaking;
  shut();
  // Who has the microphone now is told by another way, and may come a moment later.
  setTimeout(() => {
    const now = live.view?.talks.find((one) => one.live === was?.live);
    if (now && now.speaker !== session.person?.name) notices.say(t('live.taken', { who: now.speaker }), true);
    else notices.say(t(status === 410 ? 'live.over' : 'live.broken'), status !== 410);
  }, SOON_MS);
}

async function open(unwanted: AbortController): Promise<string> {
  try {
    const opened = await openMicrophone(take, unwanted.signal);
    if (opened === null || unwanted.signal.aborted) {
      opened?.close();
      return t('live.shut');
    }
    microphone = opened;
    return '';
  } catch (caught) {
    return t(`live.${caught instanceof NoMicrophone ? caught.key : 'none'}`);
  } finally {
    if (opening?.unwanted === unwanted) opening = null;
  }
}

function shut(): void {
  opening?.unwanted.abort();
  opening = null;
  talk?.end();
  talk = null;
  speaking = null;
  asked = null;
  microphone?.close();
  microphone = null;
  level = 0;
  lostMs = 0;
}

// Nobody talks to a commune from a page that is gone. An emergency is not ended so: the station says its text instead.
addEventListener('pagehide', () => {
  if (speaking && !speaking.emergency) void raw(`/api/v1/live/${encodeURIComponent(speaking.live)}`, { method: 'DELETE', keepalive: true });
  shut();
});

export const voice = {
  /** The microphone is open; it need not be on air. */
  get open(): boolean { return microphone !== null; },
  get speaking(): Speaking | null { return speaking; },
  /** The transmission whose microphone this desk has asked for. */
  get asked(): string | null { return asked; },
  get level(): number { return level; },
  get lostMs(): number { return lostMs; },
  /** Opens the microphone; why it cannot be had, empty where it is open. */
  async begin(): Promise<string> {
    if (microphone) return '';
    if (!opening) {
      const unwanted = new AbortController();
      opening = { done: open(unwanted), unwanted };
    }
    return opening.done;
  },
  /** Sends what the microphone hears to a transmission that is on air. */
  speak(id: string, emergency: boolean): void {
    if (!microphone) {
      // Closed while the station was asked. Nobody is to wait for a voice that does not come; an emergency is said in its text.
      if (!emergency) void ask(api.DELETE('/api/v1/live/{id}', { params: { path: { id } } }));
      return;
    }
    const was = speaking;
    talk?.end();
    talk = new Talk(id, microphone.rate, over);
    speaking = { live: id, emergency };
    asked = null;
    // An ordinary talk that becomes an emergency does not go on beneath it.
    if (was && was.live !== id) void ask(api.DELETE('/api/v1/live/{id}', { params: { path: { id: was.live } } }));
  },
  /** Remembers that this desk asks for a microphone. */
  wants(id: string): void { asked = id; },
  /** It is asked for no longer, or will not come: what was opened for it is closed. */
  gaveUp(): void { if (!talk) shut(); },
  /** Closes the microphone and says nothing to the station: it was handed over, or never on air. */
  close(): void { shut(); },
  /** Whoever only tried the microphone goes away. */
  tried(): void { if (!talk && !asked) shut(); },
  /** Ends the transmission. */
  async end(): Promise<void> {
    const was = speaking;
    shut();
    if (!was) return;
    const trouble = concluded(await ask(api.DELETE('/api/v1/live/{id}', { params: { path: { id: was.live } } })), t('live.ended'));
    if (trouble) notices.say(trouble, true);
  },
};
