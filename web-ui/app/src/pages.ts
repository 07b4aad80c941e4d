// The pages of the desk: name in the address, shape, right it takes to see it, and how it is loaded.

import type { Component } from 'svelte';
import type { Right } from './lib/session.svelte';
import type { Shape } from './ui/Icon.svelte';

export interface Page {
  name: string;
  shape: Shape;
  right: Right;
  load: () => Promise<{ default: Component }>;
}

export const PAGES: Page[] = [
  { name: 'home', shape: 'home', right: 'look', load: () => import('./pages/Home.svelte') },
  { name: 'inbox', shape: 'inbox', right: 'look', load: () => import('./pages/Inbox.svelte') },
  { name: 'programme', shape: 'week', right: 'look', load: () => import('./pages/Programme.svelte') },
  { name: 'devices', shape: 'device', right: 'look', load: () => import('./pages/Devices.svelte') },
];
