// Who sits at this desk, and what they may do.

import { api, ask, type Shape, type Told } from './api';

export type Person = Shape<'Signed'>;
export type Right = Shape<'Right'>;

let person = $state<Person | null>(null);
let known = $state(false);
let later = $state(false);

export const session = {
  /** Who is signed in. */
  get person(): Person | null {
    return person;
  },
  /** The password of one's own waits: something is on that cannot. */
  get later(): boolean {
    return later;
  },
  /** Chooses a password later; the desk does until then what cannot wait. */
  putOff(): void {
    later = true;
  },
  /** Whether the station has said who is signed in. */
  get known(): boolean {
    return known;
  },
  /** Whether this person may do things of a kind. */
  may(right: Right): boolean {
    return person?.rights.includes(right) ?? false;
  },
  /** Asks the station who is signed in here. */
  async look(): Promise<Told<Person>> {
    const told = await ask(api.GET('/api/v1/session'));
    if (told.ok) person = told.value;
    known = told.ok || told.trouble.status === 401;
    return told;
  },
  /** Signs in. */
  async begin(name: string, password: string, code: string): Promise<Told<Person>> {
    const told = await ask(api.POST('/api/v1/session', { body: { name, password, code: code || null } }));
    if (told.ok) person = told.value;
    return told;
  },
  /** Another person sits down here with a PIN; the page stays as it is. */
  async hand(name: string, pin: string): Promise<Told<Person>> {
    const told = await ask(api.POST('/api/v1/session/hand', { body: { name, pin } }));
    if (told.ok) person = told.value;
    return told;
  },
  /** Signs out; false where the station has not heard it. */
  async end(): Promise<boolean> {
    const told = await ask(api.DELETE('/api/v1/session'));
    // While the station holds the session, whoever loads this page next would be this person.
    if (!told.ok && told.trouble.status !== 401) return false;
    person = null;
    later = false;
    return true;
  },
  /** The station no longer knows this session. */
  lost(): void {
    person = null;
    later = false;
  },
};
