// The box restarts, or the page is opened while it is away: the page says so and comes back by itself.

import { chromium } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, goTo, look, test } from './stage';

const LOST = /mất liên lạc với trạm/;

test('the station goes and comes back: the page says so, and goes on by itself', async ({ sit, page, commune }, info) => {
  await sit('lan');
  await goTo(page, 'inbox');
  await commune.tell({ off: true });
  await expect(page.getByRole('alert').filter({ hasText: LOST })).toBeVisible();
  await look(page, 'lost', info.project.name);
  await commune.tell({ on: true });
  await expect(page.getByRole('alert').filter({ hasText: LOST })).toBeHidden({ timeout: 30_000 });
  await expect(page).toHaveURL(/#\/inbox$/);
  await expect(page.locator('#main').getByRole('heading').first()).toBeVisible();
});

test('a page opened while the station is away says so, and opens when it is back', async ({ commune }, info) => {
  test.skip(info.project.name === 'phone', 'the same in any window');
  const profile = mkdtempSync(join(tmpdir(), 'away-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--ignore-certificate-errors'],
  });
  try {
    const page = await context.newPage();
    await page.goto(commune.at.desk);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.getByLabel('Tên đăng nhập').fill('lan');
    await page.getByLabel('Mật khẩu').fill(commune.at.password);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
    await expect(page.getByRole('navigation', { name: 'Các trang' })).toBeVisible();
    await commune.tell({ off: true });
    await page.reload();
    await expect(page.getByText('Chưa liên lạc được với trạm. Trang này tự thử lại.')).toBeVisible();
    await look(page, 'away', info.project.name);
    await commune.tell({ on: true });
    await expect(page.getByRole('navigation', { name: 'Các trang' })).toBeVisible({ timeout: 30_000 });
  } finally {
    await commune.tell({ on: true });
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
