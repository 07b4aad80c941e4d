// The microphone is open while somebody wants it and can see that it is, and at no other time.

import { another, expect, fair, goTo, look, test } from './stage';
import type { Page } from '@playwright/test';

interface Watched { streams: MediaStream[]; slow: boolean; allow: () => void }

/** Watches every microphone the page opens; where it is slow, the browser asks its user until it is allowed. */
const watch = (page: Page) => page.addInitScript(() => {
  const seen = window as unknown as Watched;
  [seen.streams, seen.slow] = [[], false];
  const allowed = new Promise<void>((done) => { seen.allow = done; });
  const usual = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    if (seen.slow) await allowed;
    const stream = await usual(wish);
    seen.streams.push(stream);
    return stream;
  };
});
const asks = (page: Page) => page.evaluate(() => { (window as unknown as Watched).slow = true; });
const allows = (page: Page) => page.evaluate(() => { (window as unknown as Watched).allow(); });
const opened = (page: Page) => page.evaluate(() => (window as unknown as Watched).streams.length);
const open = (page: Page) => page.evaluate(() => (window as unknown as Watched).streams.filter((one) => one.getTracks().some((track) => track.readyState === 'live')).length);

test('a microphone that is tried is closed by a button, and by leaving the page', async ({ sit, page }, info) => {
  await watch(page);
  await sit('lan');
  await goTo(page, 'live');
  await page.getByRole('button', { name: 'Thử micro' }).click();
  await expect(page.getByRole('meter', { name: 'Mức micro' })).toBeVisible();
  await fair(page);
  await look(page, 'live-open', info.project.name);
  expect(await open(page)).toBe(1);
  await page.getByRole('button', { name: 'Đóng micro' }).click();
  await expect(page.getByRole('meter', { name: 'Mức micro' })).toBeHidden();
  await expect.poll(() => open(page)).toBe(0);
  await page.getByRole('button', { name: 'Thử micro' }).click();
  await expect(page.getByRole('meter', { name: 'Mức micro' })).toBeVisible();
  await goTo(page, 'journal');
  await expect.poll(() => open(page)).toBe(0);
  // And by writing an emergency in place of saying it.
  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByRole('radio', { name: 'Nói trực tiếp' }).check();
  await expect(sheet.getByRole('meter')).toBeVisible();
  await sheet.getByRole('radio', { name: 'Gõ chữ' }).check();
  await expect.poll(() => open(page)).toBe(0);
});

test('while the browser asks its user, two taps open one microphone, and whoever left opens none', async ({ sit, page }) => {
  await watch(page);
  await sit('lan');
  await goTo(page, 'live');
  await asks(page);
  await page.getByRole('button', { name: 'Thử micro' }).click();
  await page.getByRole('button', { name: 'Bắt đầu nói' }).click();
  await allows(page);
  await expect(page.getByRole('region', { name: 'Anh chị đang nói ra loa' })).toBeVisible();
  expect(await opened(page)).toBe(1);
  await page.getByRole('button', { name: 'Kết thúc' }).click();
  await expect(page.getByText(/Đã kết thúc lượt nói/)).toBeVisible();
  await expect.poll(() => open(page)).toBe(0);

  await page.reload();
  await asks(page);
  await page.getByRole('button', { name: 'Thử micro' }).click();
  await goTo(page, 'journal');
  await expect(page.getByRole('heading', { name: /Nhật ký/ }).first()).toBeVisible();
  await allows(page);
  await expect.poll(() => opened(page)).toBe(1);
  await expect.poll(() => open(page)).toBe(0);
});

test('a recorder that was left while the browser asked records nothing', async ({ sit, page }) => {
  await watch(page);
  await sit('lan');
  await goTo(page, 'compose/new');
  await page.getByRole('button', { name: 'Thu tiếng' }).click();
  await asks(page);
  await page.getByRole('button', { name: 'Bắt đầu thu' }).click();
  await expect(page.getByRole('button', { name: 'Bắt đầu thu' })).toBeDisabled();
  await goTo(page, 'journal');
  await expect(page.getByRole('heading', { name: /Nhật ký/ }).first()).toBeVisible();
  await allows(page);
  await expect.poll(() => opened(page)).toBe(1);
  await expect.poll(() => open(page)).toBe(0);
});

test('who asks for the microphone sees that it is open, and it closes when it is refused or the talk is over', async ({ sit, page, commune, browser }, info) => {
  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'live');
  await hoa.getByRole('button', { name: 'Bắt đầu nói' }).click();
  await expect(hoa.getByText('Anh chị đang nói ra loa').first()).toBeVisible();

  await watch(page);
  await sit('lan');
  await goTo(page, 'live');
  const want = page.getByRole('button', { name: 'Xin micro' });
  await page.route('**/ask', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Chưa xin được', code: 'refused', status: 409 }) }));
  await want.click();
  await expect(page.getByRole('alert').filter({ hasText: 'Chưa xin được' })).toBeVisible();
  await expect(want).toBeVisible();
  await expect.poll(() => open(page)).toBe(0);
  await page.unrouteAll();

  const waits = page.getByRole('region', { name: /Micro đang mở, chưa ra loa/ });
  await want.click();
  await expect(waits).toBeVisible();
  await goTo(page, 'journal');
  await expect(waits).toBeVisible();
  await fair(page);
  await look(page, 'live-open-waits', info.project.name);
  await waits.getByRole('button', { name: 'Đóng micro' }).click();
  await expect(waits).toBeHidden();
  await expect.poll(() => open(page)).toBe(0);

  await goTo(page, 'live');
  await want.click();
  await expect(waits).toBeVisible();
  expect(await open(page)).toBe(1);
  await hoa.getByRole('button', { name: 'Kết thúc' }).click();
  await expect(page.getByText('Lượt nói đã kết thúc, không còn ai trao.')).toBeVisible();
  await expect(waits).toBeHidden();
  await expect.poll(() => open(page)).toBe(0);
  await hoa.context().close();
});
