import './style/fonts.css';
import './style/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { speak } from './lib/words.svelte';
import { keepShell } from './lib/shell';
import { route } from './lib/route.svelte';
import { PAGES } from './pages';

// Fetched while the station says who is signed in: it is what most will see first.
if (route.page === 'home') void PAGES.find((page) => page.name === 'home')?.load();

const target = document.getElementById('desk');
if (target) {
  void speak().then(() => mount(App, { target }));
  keepShell();
}
