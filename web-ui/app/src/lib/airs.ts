// What is on air, each thing once, however many clusters it is heard from.

import type { Shape } from './api';

/** One thing on air, and where. */
export interface Air {
  key: string;
  bulletin: string | null;
  title: string;
  rank: string;
  level: number | null;
  drill: boolean;
  stage: string;
  places: string[];
  heard: number;
}

/** Emergencies first, the gravest before the others. */
export function airs(view: Shape<'View'>): Air[] {
  const found = new Map<string, Air>();
  for (const cluster of view.clusters) {
    const on = cluster.now;
    if (!on) continue;
    const key = JSON.stringify([on.bulletin, on.title, on.rank, on.drill]);
    const air = found.get(key) ?? {
      key, bulletin: on.bulletin ?? null, title: on.title, rank: on.rank, level: on.level ?? null, drill: on.drill, stage: on.stage, places: [], heard: 0,
    };
    air.places.push(cluster.name || cluster.id);
    if (on.audible && cluster.muted_ms == null) air.heard += 1;
    found.set(key, air);
  }
  const weight = (air: Air) => (air.rank === 'emergency' ? 10 : 0) + (air.level ?? 0);
  return [...found.values()].sort((a, b) => weight(b) - weight(a));
}
