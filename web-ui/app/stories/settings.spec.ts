// The technician's settings: a bad value refused with its line, a good one taken over by the running station and undone;
// a device asked before it is added, a cluster commissioned, a backup, a bundle, and posters.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Commune, expect, fair, goTo, look, test } from './stage';

async function enter(page: Page, commune: Commune, name: string): Promise<void> {
  await page.getByLabel('Tên đăng nhập').fill(name);
  await page.getByLabel('Mật khẩu').fill(commune.at.password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
}

async function keep(page: Page, why: string): Promise<void> {
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel(/Lý do/).fill(why);
  await sheet.getByRole('button', { name: 'Lưu và áp dụng' }).click();
  await expect(page.getByText(/Đã lưu cấu hình mới/)).toBeVisible();
}

test('a bad value is refused with its line, a good one is taken over, and one goes back', async ({ page }, info) => {
  test.setTimeout(180_000);
  const commune = await Commune.up();
  const file = () => readFileSync(join(commune.at.data, '..', 'gateway.toml'), 'utf8');
  try {
    await page.goto(commune.at.desk);
    await enter(page, commune, 'minh');
    await goTo(page, 'settings');
    const mute = page.getByLabel('Tắt tiếng, tắt bảng trong (phút)');
    await mute.fill('999');
    await expect(page.getByText('1 thay đổi chưa lưu')).toBeVisible();
    await look(page, 'settings', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Kiểm tra và lưu…' }).click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByText(/Chưa lưu được/)).toBeVisible();
    await expect(sheet.getByText(/Dòng \d+/)).toBeVisible();
    await expect(sheet.getByText('policy.mute_minutes')).toBeVisible();
    await expect(sheet.getByRole('button', { name: 'Lưu và áp dụng' })).toBeDisabled();
    await look(page, 'settings-refused', info.project.name);
    await fair(page);
    await sheet.getByRole('button', { name: 'Hủy' }).click();

    await mute.fill('15');
    await page.getByRole('button', { name: 'Kiểm tra và lưu…' }).click();
    await expect(sheet.getByText('mute_minutes = 15')).toBeVisible();
    await look(page, 'settings-keep', info.project.name);
    await fair(page);
    await keep(page, 'Xã muốn lâu hơn');
    // The station starts again by itself; whoever sat at the desk goes on sitting there.
    await expect.poll(file, { timeout: 60_000 }).toContain('mute_minutes = 15');
    await expect(async () => {
      await goTo(page, 'settings/history');
      await page.reload();
      await expect(page.getByRole('listitem').filter({ hasText: 'Phiên bản 2' }).getByText('đang dùng')).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByText('Xã muốn lâu hơn')).toBeVisible();
    await expect(page.getByText('đang được thử')).toBeHidden({ timeout: 60_000 });
    await look(page, 'settings-history', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Xem phiên bản 1' }).click();
    await page.getByRole('button', { name: 'Trở lại bản này…' }).click();
    await keep(page, 'Như cũ');
    await expect.poll(file, { timeout: 60_000 }).not.toContain('mute_minutes');
  } finally {
    await commune.down();
  }
});

test('frequency and power are nobody’s, not even in the whole file', async ({ sit, page }, info) => {
  await sit('minh');
  await goTo(page, 'settings/file');
  const text = page.getByLabel('Tệp cấu hình');
  await text.fill((await text.inputValue()).replace('frequency_mhz = 60.5', 'frequency_mhz = 98.0'));
  await page.getByRole('button', { name: 'Kiểm tra và lưu…' }).click();
  await expect(page.getByText(/tần số và công suất FM theo giấy phép/)).toBeVisible();
  await look(page, 'settings-locked', info.project.name);
  await fair(page);
});

test('a device is asked before it is added', async ({ sit, page }, info) => {
  await sit('minh');
  await goTo(page, 'devices');
  await page.getByRole('button', { name: 'Thêm thiết bị' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('combobox', { name: 'Loại thiết bị' }).selectOption({ label: 'Công tắc, rơ-le' });
  await sheet.getByRole('combobox', { name: 'Kiểu' }).selectOption({ label: 'Rơ-le Modbus' });
  await sheet.getByLabel('Mã').fill('amp9');
  await sheet.getByRole('combobox', { name: 'Đường nối' }).selectOption('bus1');
  await sheet.getByLabel('Rơ-le số').fill('2');
  await sheet.getByRole('button', { name: 'Hỏi thử thiết bị' }).click();
  await expect(sheet.getByText('Vừa thử: có trả lời.')).toBeVisible({ timeout: 20_000 });
  await look(page, 'settings-add', info.project.name);
  await fair(page);
  await sheet.getByRole('button', { name: 'Tiếp tục…' }).click();
  await expect(page.getByRole('dialog').getByText('id = "amp9"')).toBeVisible();
});

test('a cluster is commissioned step by step, and the sheet is printed', async ({ sit, page }, info) => {
  await sit('minh');
  await goTo(page, 'commission');
  await page.getByRole('button', { name: 'Thôn 2', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Thôn 2' })).toBeVisible();
  await page.getByRole('button', { name: 'Phát câu thử' }).click();
  await expect(page.getByText(/Đang phát câu thử tới Thôn 2/)).toBeVisible();
  await expect(page.getByText('đang nghe thấy ở đầu ra')).toBeVisible({ timeout: 30_000 });
  await look(page, 'commission', info.project.name);
  await page.getByLabel('Ghi chú').fill('rõ ở đầu thôn');
  for (let left = 4; left > 0; left -= 1) {
    const kept = page.waitForResponse((one) => one.url().endsWith('/api/v1/commissioning') && one.request().method() === 'PUT');
    await page.getByRole('button', { name: 'Đạt', exact: true }).click();
    expect((await kept).ok()).toBe(true);
    await page.getByRole('button', { name: 'Thôn 2', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Đạt', exact: true })).toHaveCount(left > 1 ? 1 : 0);
  }
  await expect(page.getByRole('listitem').filter({ hasText: 'Thôn 2' }).getByText('Xong')).toBeVisible();
  await fair(page);
  await page.goto(new URL('/commissioning', page.url()).toString());
  await expect(page.getByRole('row').filter({ hasText: 'Thôn 2' }).getByText('rõ ở đầu thôn')).toBeVisible();
  await look(page, 'commission-sheet', info.project.name);
  await fair(page);
});

test('the machine is seen, backed up and packed, and posters are printed', async ({ sit, page }, info) => {
  await sit('minh');
  await goTo(page, 'settings/box');
  await expect(page.getByRole('heading', { name: 'Đồng hồ' })).toBeVisible();
  await page.getByRole('button', { name: 'Tạo bản sao lưu' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Câu mật khẩu (ít nhất 10 chữ)').fill('lúa chín vàng đồng');
  await sheet.getByLabel('Nhập lại câu mật khẩu').fill('lúa chín vàng đồng');
  const [saved] = await Promise.all([page.waitForEvent('download'), sheet.getByRole('button', { name: 'Tạo bản sao lưu' }).click()]);
  expect(saved.suggestedFilename()).toMatch(/^sao-luu-.*\.age$/);
  expect(readFileSync((await saved.path()) as string).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
  const [packed] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Tải gói chẩn đoán' }).click()]);
  expect(packed.suggestedFilename()).toMatch(/\.tar\.gz$/);
  await page.getByRole('button', { name: /Thêm \d+ cụm loa/ }).click();
  await page.getByLabel('Địa chỉ trang người dân').fill('https://binhminh.example.vn/');
  await page.getByRole('button', { name: 'Lưu', exact: true }).click();
  await expect(page.getByText(/Đã lưu các điểm/)).toBeVisible();
  await look(page, 'settings-box', info.project.name);
  await fair(page);
  await page.goto(new URL('/posters', page.url()).toString());
  await expect(page.getByText('https://binhminh.example.vn/q/thon-1')).toBeVisible();
  await look(page, 'posters', info.project.name);
  await fair(page);
});
