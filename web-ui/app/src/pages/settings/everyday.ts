// What an officer changes now and then, and the pages of the settings.

export const TABS = ['everyday', 'network', 'box', 'history', 'codes', 'all', 'file'] as const;

export interface Everyday { name: string; section: string; many?: boolean; keys: string[] }

/** Groups of keys; all of them come from the key table of the station. */
export const EVERYDAY: Everyday[] = [
  { name: 'place', section: 'station', keys: ['name', 'lat', 'lon'] },
  { name: 'hours', section: 'policy', keys: ['night', 'quiet_at_night', 'programme_minutes', 'programme_days', 'programme_hours'] },
  { name: 'rules', section: 'policy', keys: ['clash_default', 'resume', 'mute_minutes', 'cross_fade', 'duck_under_live', 'live_chime'] },
  { name: 'approval', section: 'policy', keys: ['skip_approval', 'approve_own'] },
  { name: 'volumes', section: 'sink', many: true, keys: ['volume_day', 'volume_night'] },
  { name: 'clusters', section: 'cluster', many: true, keys: ['name', 'languages', 'speakers'] },
  { name: 'boards', section: 'board', many: true, keys: ['name'] },
  { name: 'voice', section: 'speech', keys: ['dialect', 'words_per_minute'] },
  { name: 'tests', section: 'selftest', keys: ['nightly'] },
  { name: 'recordings', section: 'recordings', keys: ['codec', 'days', 'limit_mb'] },
];
