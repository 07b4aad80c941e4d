// The big three, from sign-in to the end of an emergency.

import { expect, fair, goTo, look, test } from './stage';

test('a typed emergency sounds after a hold of two seconds, frames every desk, and is stopped and corrected', async ({ sit, page }, info) => {
  await sit('lan');
  await expect(page.getByText('Không phát gì')).toBeVisible();
  await look(page, 'home-quiet', info.project.name);
  await fair(page);

  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByLabel('Nội dung đọc lên và hiện trên bảng').fill('Nước suối dâng nhanh. Bà con lên chỗ cao ngay.');
  await sheet.getByRole('button', { name: 'Bão, lũ' }).click();
  await look(page, 'emergency-form', info.project.name);
  await fair(page);
  await expect(sheet.getByRole('button', { name: 'Giữ 2 giây để phát' })).toBeVisible();
  const hold = sheet.locator('.hold');
  await hold.dispatchEvent('pointerdown', { button: 0 });
  await hold.dispatchEvent('pointerup', { button: 0 });
  await expect(sheet.getByText('Chưa phát. Giữ đủ 2 giây')).toBeVisible();
  await hold.focus();
  await page.keyboard.down('Enter');
  await expect(sheet).toBeHidden();
  await page.keyboard.up('Enter');

  await expect(page.getByText('Khẩn cấp – đang phát')).toBeVisible();
  await expect(page.locator('body')).toHaveClass(/emergency/);
  await expect(page).toHaveTitle(/^KHẨN CẤP/);
  await look(page, 'home-emergency', info.project.name);
  await fair(page);
  await goTo(page, 'inbox');
  await expect(page.locator('body')).toHaveClass(/emergency/);
  await goTo(page, 'home');

  await page.getByRole('button', { name: 'Dừng và đính chính' }).first().click();
  const stop = page.getByRole('dialog', { name: 'Dừng và đính chính' });
  await stop.getByRole('button', { name: 'Phát nhầm' }).click();
  await stop.getByRole('button', { name: 'Dừng ngay' }).click();
  await expect(page.locator('body')).not.toHaveClass(/emergency/);
  await expect(page.getByText('Không phát gì')).toBeVisible();
});

test('a viewer sees the air and has no control', async ({ sit, page }) => {
  await sit('khach');
  await expect(page.getByRole('heading', { name: 'Đang phát', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Phát khẩn cấp' })).toBeHidden();
});
