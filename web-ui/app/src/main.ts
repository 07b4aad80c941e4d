import './style/fonts.css';
import './style/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { speak } from './lib/words.svelte';
import { keepShell } from './lib/shell';

const target = document.getElementById('desk');
if (target) {
  void speak().then(() => mount(App, { target }));
  keepShell();
}
