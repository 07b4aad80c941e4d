// The station answers in the language of the desk, whatever that of the browser is.

import { enter, expect, fair, goTo, look, test } from './stage';
import type { Page } from '@playwright/test';

/** What calls itself a picture and is none. */
const liar = { name: 'anh.png', mimeType: 'image/png', buffer: Buffer.concat([Buffer.from('PK\x03\x04\x14\0\x06\0'), Buffer.alloc(500, 7)]) };

/** Languages that the page's own requests have said, none left out. */
function heard(page: Page): Set<string> {
  const said = new Set<string>();
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/') && ['fetch', 'xhr'].includes(request.resourceType())) said.add(request.headers()['accept-language'] ?? 'none');
  });
  return said;
}

async function wrong(page: Page, name: RegExp, password: RegExp, go: RegExp): Promise<void> {
  await page.getByLabel(name).fill('lan');
  await page.getByLabel(password).fill('không phải mật khẩu này');
  await page.getByRole('button', { name: go }).click();
}

test('a browser in English at a Vietnamese desk is answered in Vietnamese, and at an English desk in English', async ({ browser, commune }, info) => {
  const { viewport, isMobile, hasTouch } = info.project.use;
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US', viewport, isMobile, hasTouch });
  const page = await context.newPage();
  const said = heard(page);
  await page.goto(commune.at.desk);
  await wrong(page, /Tên đăng nhập/, /Mật khẩu/, /Đăng nhập/);
  await expect(page.getByRole('alert')).toContainText('Tên hoặc mật khẩu không đúng');
  await enter(page, commune, 'lan');
  await goTo(page, 'compose/new');
  await page.getByLabel('Chọn ảnh').setInputFiles(liar);
  await expect(page.getByRole('alert').filter({ hasText: 'Không nhận ra loại tệp này' })).toBeVisible();
  await look(page, 'language-vi', info.project.name);
  expect([...said]).toEqual(['vi']);

  await page.locator('header summary').click();
  await page.getByLabel('Ngôn ngữ').selectOption('en');
  await page.locator('header summary').click();
  said.clear();
  await page.getByLabel('Choose a picture').setInputFiles(liar);
  await expect(page.getByRole('alert').filter({ hasText: 'The file is of no known kind' })).toBeVisible();
  await fair(page);
  expect([...said].filter((one) => one !== 'en')).toEqual([]);
  await context.close();
});

test('a browser in Vietnamese at an English desk is answered in English', async ({ page, commune }) => {
  await page.goto(commune.at.desk);
  await page.getByLabel('Ngôn ngữ').selectOption('en');
  await wrong(page, /User name/, /Password/, /Sign in/);
  await expect(page.getByRole('alert')).toContainText('Wrong name or password');
});
