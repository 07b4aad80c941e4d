// The first start: whether its steps are due, and which one is next; kept on the station, so that it goes on at any machine.

import { api, ask } from './api';
import { session } from './session.svelte';

export const STEPS = ['place', 'people', 'zones', 'test', 'trust'] as const;
export type Step = (typeof STEPS)[number];

const FORM = { params: { path: { form: 'first-start' } } };
const DONE = 'done';

/** The step kept last; `null` where none was, `done` once all are. */
async function kept(): Promise<Step | typeof DONE | null> {
  const told = await ask(api.GET('/api/v1/jottings/{form}', FORM));
  const body = told.ok ? told.value.body : DONE;
  return body === DONE ? DONE : (STEPS.find((step) => step === body) ?? null);
}

/** Whether this person is to be led through the first start: he is alone here, or had begun. */
export async function due(): Promise<boolean> {
  const { person } = session;
  if (!person || person.pin || !['people', 'devices', 'air'].every((right) => session.may(right as 'people'))) return false;
  const step = await kept();
  if (step !== null) return step !== DONE;
  const people = await ask(api.GET('/api/v1/people'));
  return people.ok && people.value.people.length === 1;
}

/** The step to go on with. */
export async function step(): Promise<Step> {
  const at = await kept();
  return at === null || at === DONE ? 'place' : at;
}

/** Keeps how far one has come; `null`: to the end. What cannot be kept is gone through again. */
export async function keep(at: Step | null): Promise<void> {
  await ask(api.PUT('/api/v1/jottings/{form}', { ...FORM, body: { body: at ?? DONE } }));
}
