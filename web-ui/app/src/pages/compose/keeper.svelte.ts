// A draft while it is written: on this machine at once, on the station a moment later, and merged with what others write.
//
// What stands on the station is known as `version` and `base`; what is written here is `sheet`, and is never taken from anywhere
// but from under the writer's hands: an answer that arrives is merged with what stands in the form at that moment.

import { api, ask, type Shape } from '../../lib/api';
import { forget, held, heldAs, hold } from '../../lib/held';
import { merge, same, type Clash, type Sheet } from './merge';

type Draft = Shape<'Draft'>;

const PAUSE_MS = 700;
const AGAIN_MS = 3_000;
const LOOK_MS = 5_000;
/** How often in a row others may be faster before it is tried later. */
const TURNS = 5;
const HERE = 'draft.';

/** What a new draft says. */
export const blank = (): Sheet => ({
  title: '', priority: false, field: '', targets: { clusters: ['*'], boards: ['*'] }, repeat: 1, valid_from: '', valid_until: '',
  renditions: [{ lang: 'vi', text: '', audio: null, machine: false, speaker: null, due: null }], picture: null, film: null, notice: null,
});

interface Local { version: number; base: Sheet; sheet: Sheet }

/** Names of drafts that this machine holds and the station may not. */
export const strays = () => heldAs(HERE);

export class Keeper {
  sheet = $state<Sheet>(blank());
  id = $state<string | null>(null);
  state = $state<'loading' | 'kept' | 'keeping' | 'away' | 'gone'>('loading');
  /** This browser holds nothing: what is not on the station is in this page alone. */
  unheld = $state(false);
  fault = $state('');
  clashes = $state.raw<Clash[]>([]);
  draft = $state.raw<Draft | null>(null);
  other = $state('');
  version = $state(0);
  private base: Sheet = blank();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private look: ReturnType<typeof setInterval>;
  /** What is asked of the station goes one after the other. */
  private last: Promise<unknown> = Promise.resolve();
  private ended = false;

  constructor(id: string | null, private named: (id: string) => void) {
    this.id = id;
    this.look = setInterval(() => { if (this.state === 'kept' && this.id && !document.hidden) void this.fetch(); }, LOOK_MS);
    const here = held<Local>(HERE + (id ?? 'new'));
    if (here) [this.version, this.base, this.sheet] = [here.version, here.base, here.sheet];
    if (id) {
      void this.fetch();
    } else {
      this.state = 'kept';
      this.moved();
    }
  }

  /** Nobody looks at the draft any longer: it is sent once more, and else waits on this machine. */
  end(): void {
    this.ended = true;
    clearInterval(this.look);
    if (this.state === 'gone') forget(HERE + (this.id ?? 'new'));
    else if (this.timer !== null) void this.push();
  }

  /** Something was written: kept here at once, sent in a moment. */
  moved(): void {
    if (this.state === 'loading' || this.state === 'gone' || !this.dirty()) return;
    if (this.state === 'kept') this.state = 'keeping';
    this.onThisMachine();
    this.soon(PAUSE_MS);
  }

  /** Sends what was written, now; true where the station has all of it. */
  push(): Promise<boolean> {
    this.wait();
    return this.inTurn(() => this.send());
  }

  /** Takes in what stands on the station. */
  fetch(): Promise<boolean> {
    return this.inTurn(() => this.read());
  }

  /** Takes what the other wrote in a field that both changed. */
  take(clash: Clash): void {
    clash.take(this.sheet);
    this.clashes = this.clashes.filter((one) => one !== clash);
    this.moved();
  }

  private inTurn(step: () => Promise<boolean>): Promise<boolean> {
    const done = this.last.then(step);
    this.last = done.catch(() => undefined);
    return done;
  }

  private dirty(): boolean {
    return !same(this.sheet, this.base);
  }

  private onThisMachine(): void {
    const key = HERE + (this.id ?? 'new');
    if (!this.dirty()) {
      forget(key);
      return;
    }
    const local: Local = { version: this.version, base: this.base, sheet: $state.snapshot(this.sheet) as Sheet };
    this.unheld = !hold(key, local);
  }

  private wait(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private soon(ms: number): void {
    this.wait();
    if (!this.ended) this.timer = setTimeout(() => void this.push(), ms);
  }

  private async send(): Promise<boolean> {
    for (let turn = 0; turn < TURNS; turn += 1) {
      if (!this.dirty()) {
        this.settled();
        return true;
      }
      const sheet = $state.snapshot(this.sheet) as Sheet;
      const told = this.id
        ? await ask(api.PUT('/api/v1/drafts/{id}', { params: { path: { id: this.id } }, body: { version: this.version, sheet } }))
        : await ask(api.POST('/api/v1/drafts', { body: sheet }));
      this.fault = '';
      if (told.ok) return this.sent(told.value, sheet);
      const { status, text, code } = told.trouble;
      if (status === 409 && code === 'changed') {
        if (await this.read()) continue;
        if (this.state !== 'gone') this.later();
        return false;
      }
      if (status === 404) this.state = 'gone';
      else if (status === 0 || status === 401 || status >= 500) this.later();
      else this.fault = text;
      return false;
    }
    this.later();
    return false;
  }

  private async sent(head: { id: string; version: number }, sheet: Sheet): Promise<boolean> {
    const fresh = this.id === null;
    if (fresh) forget(`${HERE}new`);
    [this.id, this.version, this.base] = [head.id, head.version, sheet];
    if (fresh && !this.ended) this.named(head.id);
    this.settled();
    await this.read();
    return true;
  }

  /** The station has what is in `base`; what was written meanwhile follows. */
  private settled(): void {
    this.state = 'kept';
    this.onThisMachine();
    this.moved();
  }

  private later(): void {
    this.state = 'away';
    this.onThisMachine();
    this.soon(AGAIN_MS);
  }

  private async read(): Promise<boolean> {
    if (!this.id) return false;
    const told = await ask(api.GET('/api/v1/drafts/{id}', { params: { path: { id: this.id } } }));
    if (!told.ok) {
      if (told.trouble.status === 404) this.state = 'gone';
      else if (this.state === 'loading' && !this.ended) setTimeout(() => void this.fetch(), AGAIN_MS);
      return false;
    }
    const [draft, first] = [told.value, this.state === 'loading'];
    this.draft = draft;
    if (draft.version === this.version && !first) return true;
    if (this.version && draft.version > this.version) this.other = draft.changed_by;
    if (this.dirty()) {
      const merged = merge(this.base, $state.snapshot(this.sheet) as Sheet, draft.sheet);
      this.sheet = merged.sheet;
      this.clashes = [...merged.clashes, ...this.clashes.filter((old) => !merged.clashes.some((one) => one.field === old.field))];
    } else this.sheet = structuredClone(draft.sheet);
    [this.version, this.base] = [draft.version, draft.sheet];
    this.settled();
    return true;
  }
}
