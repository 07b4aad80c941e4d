// Airings of a day as rows of a timeline: a row a cluster, then a row a board.

import type { Shape } from '../../lib/api';
import type { Airing } from '../../lib/week';
import { t } from '../../lib/words.svelte';
import type { Bar, Row } from '../../ui/Timeline.svelte';

/** A row for each place of the view. */
export function rows(airings: Airing[], view: Shape<'View'> | null): Row[] {
  const bar = ({ booked, start, end }: Airing): Bar => ({
    id: booked.programme.programme_id, title: booked.programme.title, start, end, kind: booked.of_province ? 'province' : 'commune',
  });
  const sign = (c: Shape<'ClusterView'>): Row['sign'] => {
    if (c.muted_ms != null) return { shape: 'mute', kind: 'bad', word: t('home.muted') };
    if (!c.now) return null;
    const { audible, drill, rank, stage } = c.now;
    const urgent = rank === 'emergency' && !drill;
    const word = t(drill ? 'home.isDrill' : urgent ? 'home.isUrgent' : 'home.onAir');
    // Green is for what was measured at the output.
    if (urgent) return { shape: 'on', kind: 'urgent', word: audible ? word : `${word}, ${t('home.notAudible')}` };
    if (audible) return { shape: drill ? 'drill' : 'on', kind: 'good', word };
    return stage === 'waiting' ? { shape: 'wait', kind: 'quiet', word: t('home.waiting') } : { shape: 'warn', kind: 'bad', word: `${word}, ${t('home.notAudible')}` };
  };
  const clusters = (view?.clusters ?? []).map((c) => ({
    id: c.id, name: c.name || c.id, sign: sign(c), bars: airings.filter((a) => a.booked.clusters.includes(c.id)).map(bar),
  }));
  const boards = (view?.boards ?? []).map((b) => {
    const meant = (a: Airing) => (a.booked.programme.targets.boards ?? []).some((id) => id === '*' || id === b.id);
    return { id: `board/${b.id}`, name: b.name || b.id, bars: airings.filter(meant).map(bar) };
  });
  return [...clusters, ...boards];
}
