// The pages of the desk: name in the address, shape, right it takes to see it, and how it is loaded.

import type { Component } from 'svelte';
import type { Right } from './lib/session.svelte';
import type { Shape } from './ui/Icon.svelte';

/** Groups of pages, in their order. */
export const GROUPS = ['today', 'content', 'books', 'station'] as const;

export interface Page {
  name: string;
  group: (typeof GROUPS)[number];
  shape: Shape;
  right: Right;
  /** Reached from elsewhere than the menu. */
  aside?: boolean;
  load: () => Promise<{ default: Component }>;
}

export const PAGES: Page[] = [
  { name: 'home', group: 'today', shape: 'home', right: 'look', load: () => import('./pages/Home.svelte') },
  { name: 'inbox', group: 'today', shape: 'inbox', right: 'look', load: () => import('./pages/Inbox.svelte') },
  { name: 'programme', group: 'today', shape: 'week', right: 'look', load: () => import('./pages/Programme.svelte') },
  { name: 'live', group: 'today', shape: 'mic', right: 'air', load: () => import('./pages/Live.svelte') },
  { name: 'papers', group: 'books', shape: 'papers', right: 'look', load: () => import('./pages/Papers.svelte') },
  { name: 'journal', group: 'books', shape: 'book', right: 'look', load: () => import('./pages/Journal.svelte') },
  { name: 'audit', group: 'books', shape: 'book', right: 'look', aside: true, load: () => import('./pages/Audit.svelte') },
  { name: 'report', group: 'books', shape: 'papers', right: 'look', aside: true, load: () => import('./pages/Report.svelte') },
  { name: 'register', group: 'books', shape: 'map', right: 'look', load: () => import('./pages/Register.svelte') },
  { name: 'learn', group: 'books', shape: 'learn', right: 'look', load: () => import('./pages/Learn.svelte') },
  { name: 'compose', group: 'content', shape: 'pen', right: 'look', load: () => import('./pages/Compose.svelte') },
  { name: 'approve', group: 'content', shape: 'well', right: 'look', load: () => import('./pages/Approve.svelte') },
  { name: 'ready', group: 'content', shape: 'call', right: 'look', load: () => import('./pages/Ready.svelte') },
  { name: 'library', group: 'content', shape: 'shelf', right: 'look', load: () => import('./pages/Library.svelte') },
  { name: 'recordings', group: 'content', shape: 'play', right: 'look', load: () => import('./pages/Recordings.svelte') },
  { name: 'lexicon', group: 'content', shape: 'book', right: 'look', load: () => import('./pages/Lexicon.svelte') },
  { name: 'devices', group: 'station', shape: 'device', right: 'look', load: () => import('./pages/Devices.svelte') },
  { name: 'settings', group: 'station', shape: 'gear', right: 'devices', load: () => import('./pages/Settings.svelte') },
  { name: 'commission', group: 'station', shape: 'well', right: 'devices', aside: true, load: () => import('./pages/Commission.svelte') },
  { name: 'people', group: 'station', shape: 'people', right: 'people', load: () => import('./pages/People.svelte') },
  { name: 'account', group: 'station', shape: 'people', right: 'look', aside: true, load: () => import('./pages/Account.svelte') },
  { name: 'first', group: 'station', shape: 'gear', right: 'people', aside: true, load: () => import('./pages/First.svelte') },
];
