// Ends a mute or a blackout before its time.

import { api, ask } from '../lib/api';
import { notices } from '../lib/notices.svelte';
import { concluded } from '../lib/order';
import { t } from '../lib/words.svelte';

/** Puts sound (`mute`) or light (`blackout`) back at one place. */
export async function lift(what: 'mute' | 'blackout', id: string): Promise<void> {
  const reason = t('orders.early');
  const told = what === 'mute'
    ? await ask(api.POST('/api/v1/mute', { body: { clusters: [id], for_s: 0, reason } }))
    : await ask(api.POST('/api/v1/blackout', { body: { boards: [id], for_s: 0, reason } }));
  const fault = concluded(told, t(`orders.${what}.lifted`));
  if (fault) notices.say(fault, true);
}
