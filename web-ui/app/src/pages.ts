// The pages of the desk: name in the address, shape, right it takes to see it, and how it is loaded.

import type { Component } from 'svelte';
import type { Right } from './lib/session.svelte';
import type { Shape } from './ui/Icon.svelte';

export interface Page {
  name: string;
  shape: Shape;
  right: Right;
  /** Reached from elsewhere than the menu. */
  aside?: boolean;
  load: () => Promise<{ default: Component }>;
}

export const PAGES: Page[] = [
  { name: 'home', shape: 'home', right: 'look', load: () => import('./pages/Home.svelte') },
  { name: 'inbox', shape: 'inbox', right: 'look', load: () => import('./pages/Inbox.svelte') },
  { name: 'programme', shape: 'week', right: 'look', load: () => import('./pages/Programme.svelte') },
  { name: 'live', shape: 'mic', right: 'air', load: () => import('./pages/Live.svelte') },
  { name: 'ready', shape: 'call', right: 'look', load: () => import('./pages/Ready.svelte') },
  { name: 'library', shape: 'shelf', right: 'look', load: () => import('./pages/Library.svelte') },
  { name: 'papers', shape: 'papers', right: 'look', load: () => import('./pages/Papers.svelte') },
  { name: 'journal', shape: 'book', right: 'look', load: () => import('./pages/Journal.svelte') },
  { name: 'recordings', shape: 'play', right: 'look', load: () => import('./pages/Recordings.svelte') },
  { name: 'lexicon', shape: 'book', right: 'look', load: () => import('./pages/Lexicon.svelte') },
  { name: 'devices', shape: 'device', right: 'look', load: () => import('./pages/Devices.svelte') },
  { name: 'people', shape: 'people', right: 'people', load: () => import('./pages/People.svelte') },
  { name: 'account', shape: 'people', right: 'look', aside: true, load: () => import('./pages/Account.svelte') },
  { name: 'first', shape: 'gear', right: 'people', aside: true, load: () => import('./pages/First.svelte') },
];
