// Stories told in Debian's Chromium against a running station: on a cheap phone and on an old PC.

import { defineConfig } from '@playwright/test';
import { resolve } from 'node:path';
import { voice } from './stories/voice';

const out = process.env.STORIES_OUT ?? '../../target/stories';
const chromium = {
  browserName: 'chromium' as const,
  launchOptions: {
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${voice(resolve(out))}`],
  },
  ignoreHTTPSErrors: true,
  locale: 'vi-VN',
  timezoneId: 'Asia/Ho_Chi_Minh',
};

export default defineConfig({
  testDir: 'stories',
  outputDir: `${out}/traces`,
  workers: 1,
  // Long enough for a machine three times as slow; what is green waits for none of it.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  maxFailures: 6,
  forbidOnly: true,
  // A story that missed a beat on a busy machine is told once more, and named as flaky; a real fault fails again.
  retries: 1,
  reporter: [['list']],
  use: { trace: 'on-first-retry', screenshot: 'only-on-failure' },
  projects: [
    { name: 'desktop', use: { ...chromium, viewport: { width: 1280, height: 800 } } },
    { name: 'phone', use: { ...chromium, viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } },
  ],
});
