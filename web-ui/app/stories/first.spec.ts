// The first visit: the first password, a password of one's own, and the steps until the station is in good hands.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Commune, expect, fair, look, test } from './stage';

const OWN = 'mùa lúa chín vàng đồng';

test('the first user is led from the first password to a tested station, and goes on where he left', async ({ page }, info) => {
  test.setTimeout(120_000);
  const commune = await Commune.up(true);
  try {
    const first = readFileSync(join(commune.at.data, 'first-password'), 'utf8').trim();
    const enter = async (password: string): Promise<void> => {
      await page.goto(commune.at.desk);
      await page.getByLabel('Tên đăng nhập').fill('admin');
      await page.getByLabel('Mật khẩu').fill(password);
      await page.getByRole('button', { name: 'Đăng nhập' }).click();
    };
    await enter(first);
    await page.getByLabel('Mật khẩu được cấp').fill(first);
    await page.getByLabel('Mật khẩu mới', { exact: true }).fill(OWN);
    await page.getByLabel('Nhập lại mật khẩu mới').fill(OWN);
    await page.getByRole('button', { name: 'Đặt mật khẩu' }).click();

    await expect(page.getByRole('heading', { name: 'Đây là trạm nào?' })).toBeVisible();
    await look(page, 'first-place', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Tiếp tục' }).click();
    await page.getByRole('button', { name: 'Thêm người' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Tên đăng nhập').fill('lan');
    await sheet.getByLabel('Tên hiển thị').fill('Chị Lan');
    await sheet.getByRole('button', { name: 'Thêm người' }).click();
    await page.getByRole('button', { name: 'Đã chép' }).click();
    await expect(page.getByText('Chị Lan')).toBeVisible();
    await look(page, 'first-people', info.project.name);
    await page.getByRole('button', { name: 'Tiếp tục' }).click();
    await expect(page.getByRole('heading', { name: 'Các cụm loa và bảng tin' })).toBeVisible();

    // Left in the middle; it goes on there, although there are two accounts now.
    await page.getByRole('button', { name: 'Để sau' }).click();
    await expect(page.getByRole('heading', { name: 'Đang phát', exact: true })).toBeVisible();
    await page.locator('header summary').click();
    await page.getByRole('button', { name: 'Đăng xuất' }).click();
    await expect(page.getByRole('button', { name: 'Đăng nhập' })).toBeVisible();
    await enter(OWN);
    await expect(page.getByRole('heading', { name: 'Các cụm loa và bảng tin' })).toBeVisible();
    await look(page, 'first-zones', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Tiếp tục' }).click();
    await page.getByRole('button', { name: 'Kiểm tra im lặng' }).click();
    await expect(page.getByText('tốt', { exact: true }).first()).toBeVisible({ timeout: 45_000 });
    await look(page, 'first-test', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Tiếp tục' }).click();
    await expect(page.getByRole('link', { name: 'Mở trang hướng dẫn' })).toHaveAttribute('href', '/trust');
    await look(page, 'first-trust', info.project.name);
    await page.getByRole('button', { name: 'Hoàn tất' }).click();
    await expect(page.getByRole('heading', { name: 'Đang phát', exact: true })).toBeVisible();

    // Done is done.
    await Promise.all([page.waitForResponse((one) => one.url().endsWith('/jottings/first-start')), page.reload()]);
    await expect(page.getByRole('heading', { name: 'Đang phát', exact: true })).toBeVisible();
    await expect(page).not.toHaveURL(/#\/first/);
  } finally {
    await commune.down();
  }
});
