// A draft while it is written: on this machine at once, on the station a moment later, and merged with what others write.

import { api, ask, type Shape } from '../../lib/api';
import { merge, type Clash, type Sheet } from './merge';

type Draft = Shape<'Draft'>;

const PAUSE_MS = 700;
const AGAIN_MS = 3_000;
const LOOK_MS = 5_000;
const HERE = 'draft.';

/** What a new draft says. */
export const blank = (): Sheet => ({
  title: '', priority: false, field: '', targets: { clusters: ['*'], boards: ['*'] }, repeat: 1, valid_from: '', valid_until: '',
  renditions: [{ lang: 'vi', text: '', audio: null, machine: false, speaker: null, due: null }], picture: null, film: null, notice: null,
});

interface Local { version: number; base: Sheet; sheet: Sheet }

function local(id: string): Local | null {
  try {
    return JSON.parse(localStorage.getItem(HERE + id) ?? 'null') as Local | null;
  } catch {
    return null;
  }
}

/** Names of drafts that this machine holds and the station may not. */
export const strays = () => Object.keys(localStorage).filter((key) => key === `${HERE}new`);

export class Keeper {
  sheet = $state<Sheet>(blank());
  id = $state<string | null>(null);
  state = $state<'loading' | 'kept' | 'keeping' | 'away' | 'gone'>('loading');
  fault = $state('');
  clashes = $state.raw<Clash[]>([]);
  draft = $state.raw<Draft | null>(null);
  other = $state('');
  version = $state(0);
  private base: Sheet = blank();
  private sent = '';
  private timer: ReturnType<typeof setTimeout> | null = null;
  private going: Promise<boolean> | null = null;
  private look: ReturnType<typeof setInterval>;

  constructor(id: string | null, private named: (id: string) => void) {
    this.id = id;
    this.look = setInterval(() => { if (this.state === 'kept' && this.id && !document.hidden) void this.fetch(); }, LOOK_MS);
    const here = local(id ?? 'new');
    if (here) this.sheet = here.sheet;
    this.sent = JSON.stringify(this.base);
    if (id) {
      void this.fetch(here);
    } else {
      this.state = 'kept';
      if (here) this.moved();
    }
  }

  /** Whoever looks at the draft no longer. */
  end(): void {
    clearInterval(this.look);
    if (this.timer !== null) {
      clearTimeout(this.timer);
      void this.push();
    }
  }

  /** Something was written: kept here at once, sent in a moment. */
  moved(): void {
    const text = JSON.stringify(this.sheet);
    if (text === this.sent || this.state === 'loading') return;
    this.state = this.state === 'away' ? 'away' : 'keeping';
    const held: Local = { version: this.version, base: this.base, sheet: $state.snapshot(this.sheet) as Sheet };
    localStorage.setItem(HERE + (this.id ?? 'new'), JSON.stringify(held));
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.push(), PAUSE_MS);
  }

  /** Sends what was written, now; true where the station has all of it. One after the other: what is on its way is waited for. */
  async push(): Promise<boolean> {
    while (this.going) await this.going;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.going = this.send();
    const whole = await this.going;
    this.going = null;
    return whole;
  }

  private async send(): Promise<boolean> {
    const sheet = $state.snapshot(this.sheet) as Sheet;
    if (JSON.stringify(sheet) === this.sent) return true;
    const told = this.id
      ? await ask(api.PUT('/api/v1/drafts/{id}', { params: { path: { id: this.id } }, body: { version: this.version, sheet } }))
      : await ask(api.POST('/api/v1/drafts', { body: sheet }));
    this.fault = '';
    if (told.ok) {
      localStorage.removeItem(HERE + (this.id ?? 'new'));
      const fresh = this.id === null;
      [this.id, this.version, this.base, this.sent] = [told.value.id, told.value.version, sheet, JSON.stringify(sheet)];
      this.state = 'kept';
      if (fresh) this.named(told.value.id);
      this.moved();
      await this.fetch();
      return true;
    }
    const { status, text, code } = told.trouble;
    if (status === 409 && code === 'changed') {
      await this.fetch({ version: this.version, base: this.base, sheet });
      return this.send();
    }
    if (status === 404) this.state = 'gone';
    else if (status === 0 || status === 401 || status >= 500) this.later();
    else this.fault = text;
    return false;
  }

  private later(): void {
    this.state = 'away';
    this.timer = setTimeout(() => void this.push(), AGAIN_MS);
  }

  /** Takes in what stands on the station; what was written here over an older version is merged with it. */
  async fetch(mine: Local | null = null): Promise<void> {
    if (!this.id) return;
    const told = await ask(api.GET('/api/v1/drafts/{id}', { params: { path: { id: this.id } } }));
    if (!told.ok) {
      if (told.trouble.status === 404) this.state = 'gone';
      else if (this.state === 'loading') setTimeout(() => void this.fetch(mine), AGAIN_MS);
      return;
    }
    const draft = told.value;
    this.draft = draft;
    if (draft.version === this.version && !mine) return;
    const dirty = mine ?? (JSON.stringify(this.sheet) === this.sent ? null : { version: this.version, base: this.base, sheet: $state.snapshot(this.sheet) as Sheet });
    if (this.version && draft.version > this.version) this.other = draft.changed_by;
    [this.version, this.base, this.sent] = [draft.version, draft.sheet, JSON.stringify(draft.sheet)];
    if (dirty) {
      const merged = merge(dirty.base, dirty.sheet, draft.sheet);
      this.sheet = merged.sheet;
      this.clashes = merged.clashes;
    } else this.sheet = structuredClone(draft.sheet);
    this.state = 'kept';
    this.moved();
  }

  /** Takes what the other wrote in a field that both changed. */
  take(clash: Clash): void {
    clash.take(this.sheet);
    this.clashes = this.clashes.filter((one) => one !== clash);
    this.moved();
  }
}
