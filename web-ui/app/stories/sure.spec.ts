// What cannot be taken back asks first; and nobody writes over what somebody else wrote without having seen it.

import { another, expect, fair, goTo, look, test } from './stage';
import type { Page } from '@playwright/test';

const editor = (page: Page) => page.getByRole('dialog', { name: 'Sửa' });
const title = (page: Page) => editor(page).getByLabel('Tên gọi');
const text = (page: Page) => editor(page).getByLabel('Lời đọc và hiện trên bảng');
const save = (page: Page) => editor(page).getByRole('button', { name: 'Lưu' }).click();

test('a prepared warning two people change is shown to the second, and is thrown away on the second tap', async ({ sit, page, browser, commune }, info) => {
  const name = `Lũ quét ${info.project.name}`;
  const card = (desk: Page) => desk.getByRole('article').filter({ hasText: name });
  await sit('lan');
  await goTo(page, 'ready');
  await page.getByRole('region', { name: 'Cảnh báo khẩn cấp' }).getByRole('button', { name: 'Thêm mục' }).click();
  const fresh = page.getByRole('dialog', { name: 'Thêm mục' });
  await fresh.getByLabel('Tên gọi').fill(name);
  await fresh.getByLabel('Lời đọc và hiện trên bảng').fill('Lũ quét. Lên đồi.');
  // Closed by mistake, and there again.
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Cảnh báo khẩn cấp' }).getByRole('button', { name: 'Thêm mục' }).click();
  await expect(fresh.getByLabel('Lời đọc và hiện trên bảng')).toHaveValue('Lũ quét. Lên đồi.');
  await fresh.getByRole('button', { name: 'Lưu' }).click();
  await expect(card(page)).toBeVisible();

  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'ready');
  await card(page).getByRole('button', { name: /^Sửa/ }).click();
  await text(page).fill('Lũ quét. Lên nhà văn hóa.');
  await card(hoa).getByRole('button', { name: /^Sửa/ }).click();
  await text(hoa).fill('Lũ quét. Lên trường học.');
  await save(hoa);
  await expect(editor(hoa)).toBeHidden();

  await save(page);
  await expect(editor(page).getByText('Người khác vừa sửa mục này. Bản của họ:')).toBeVisible();
  await expect(editor(page).getByText('Lũ quét. Lên trường học.')).toBeVisible();
  await expect(text(page)).toHaveValue('Lũ quét. Lên nhà văn hóa.');
  // Nothing is written over it before somebody chose.
  await save(page);
  await expect(editor(page).getByRole('alert').filter({ hasText: 'Hãy chọn giữ bản nào' })).toBeVisible();
  await look(page, 'ready-overtaken', info.project.name);
  await fair(page);
  await editor(page).getByRole('button', { name: 'Lấy bản kia' }).click();
  await expect(text(page)).toHaveValue('Lũ quét. Lên trường học.');
  await title(page).fill(`${name} cấp bốn`);
  await save(page);
  await expect(editor(page)).toBeHidden();
  await expect(card(page)).toContainText('cấp bốn');

  await card(page).getByRole('button', { name: /^Sửa/ }).click();
  await editor(page).getByRole('button', { name: 'Bỏ', exact: true }).click();
  await expect(editor(page).getByText('Bỏ hẳn “')).toBeVisible();
  await look(page, 'ready-drop', info.project.name);
  await fair(page);
  await editor(page).getByRole('group').getByRole('button', { name: 'Hủy' }).click();
  await editor(page).getByRole('button', { name: 'Bỏ', exact: true }).click();
  // Hoa was faster once more: what she wrote is not thrown away unseen.
  await card(hoa).getByRole('button', { name: /^Sửa/ }).click();
  await text(hoa).fill('Lũ quét. Lên đồi chè.');
  await save(hoa);
  await expect(editor(hoa)).toBeHidden();
  await editor(page).getByRole('button', { name: 'Bỏ hẳn' }).click();
  await expect(editor(page).getByText('Lũ quét. Lên đồi chè.')).toBeVisible();
  await editor(page).getByRole('button', { name: 'Giữ bản của tôi' }).click();
  await editor(page).getByRole('button', { name: 'Bỏ', exact: true }).click();
  await editor(page).getByRole('button', { name: 'Bỏ hẳn' }).click();
  await expect(editor(page)).toBeHidden();
  await expect(card(page)).toBeHidden();
  await hoa.context().close();
});

test('a colleague keeps password and second factor unless the second tap says so', async ({ sit, page, commune }, info) => {
  await sit('minh');
  await goTo(page, 'people');
  await page.getByRole('button', { name: 'Sửa tài khoản của hoa' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByText('Việc khác với tài khoản này').click();
  await sheet.getByRole('button', { name: 'Cấp mật khẩu mới' }).click();
  await expect(sheet.getByRole('alert').filter({ hasText: 'Cấp mật khẩu mới cho hoa?' })).toBeVisible();
  await look(page, 'people-renew', info.project.name);
  await fair(page);
  await sheet.getByRole('group').getByRole('button', { name: 'Hủy' }).click();
  await expect(sheet.getByRole('button', { name: 'Cấp mật khẩu mới' })).toBeFocused();
  await page.keyboard.press('Escape');
  const journal = await page.evaluate(async () => (await fetch('/api/v1/journal?limit=20')).text());
  expect(journal).not.toContain('tài khoản hoa: cấp mật khẩu mới');
  // The word is still the old one.
  const answer = await page.request.post(new URL('/api/v1/session', page.url()).toString(), { data: { name: 'hoa', password: commune.at.password, code: null }, headers: { Origin: new URL(page.url()).origin } });
  expect(answer.ok()).toBe(true);
});
