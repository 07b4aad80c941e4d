// A backup restored at the desk: refused where it is none or the word is wrong, looked at, taken by a restart, and undone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Commune, enter, expect, fair, goTo, look, test } from './stage';

const WORD = 'lúa chín vàng đồng';

test('a backup is looked at, restored and undone', async ({ page }, info) => {
  test.setTimeout(240_000);
  const commune = await Commune.up();
  try {
    await enter(page, commune, 'minh');
    await goTo(page, 'settings/box');
    await page.getByRole('button', { name: 'Tạo bản sao lưu' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Câu mật khẩu (ít nhất 10 chữ)').fill(WORD);
    await sheet.getByLabel('Nhập lại câu mật khẩu').fill(WORD);
    const [saved] = await Promise.all([page.waitForEvent('download'), sheet.getByRole('button', { name: 'Tạo bản sao lưu' }).click()]);
    const backup = join(commune.at.data, '..', 'sao-luu.age');
    await saved.saveAs(backup);
    // What is done after the backup is what a restore takes back.
    await page.getByRole('button', { name: /Thêm \d+ cụm loa/ }).click();
    await page.getByRole('button', { name: 'Lưu', exact: true }).click();
    await expect(page.getByText(/Đã lưu các điểm/)).toBeVisible();
    const points = async () => ((await (await page.request.get(new URL('/api/v1/points', page.url()).toString())).json()) as { points: unknown[] }).points.length;
    const had = await points();
    expect(had).toBeGreaterThan(0);

    const junk = join(commune.at.data, '..', 'junk.age');
    writeFileSync(junk, 'this is a holiday picture');
    await page.getByRole('button', { name: 'Khôi phục từ bản sao lưu…' }).click();
    await sheet.getByLabel('Tệp sao lưu').setInputFiles(junk);
    await sheet.getByLabel('Câu mật khẩu (ít nhất 10 chữ)').fill(WORD);
    await sheet.getByRole('button', { name: 'Mở xem' }).click();
    await expect(sheet.getByText(/không phải bản sao lưu, hoặc đã hỏng/)).toBeVisible();
    await sheet.getByLabel('Tệp sao lưu').setInputFiles(backup);
    await sheet.getByLabel('Câu mật khẩu (ít nhất 10 chữ)').fill('một câu khác hẳn');
    await sheet.getByRole('button', { name: 'Mở xem' }).click();
    await expect(sheet.getByText(/Câu mật khẩu không mở được tệp này/)).toBeVisible({ timeout: 30_000 });
    await look(page, 'restore-wrong', info.project.name);
    await fair(page);
    await sheet.getByLabel('Câu mật khẩu (ít nhất 10 chữ)').fill(WORD);
    await sheet.getByRole('button', { name: 'Mở xem' }).click();
    await expect(sheet.getByText(/chính trạm này/)).toBeVisible({ timeout: 30_000 });
    await expect(sheet.getByText('không kèm khóa')).toBeVisible();
    await look(page, 'restore-sight', info.project.name);
    await fair(page);
    await sheet.getByLabel('Lý do').fill('Sổ bị ghi nhầm');
    await sheet.getByLabel('Mật khẩu của anh chị').fill('không phải mật khẩu này');
    await sheet.getByRole('button', { name: 'Khôi phục', exact: true }).click();
    await expect(sheet.locator('.fault')).not.toBeEmpty();
    expect(await points()).toBe(had);
    await sheet.getByLabel('Mật khẩu của anh chị').fill(commune.at.password);
    await sheet.getByRole('button', { name: 'Khôi phục', exact: true }).click();
    await expect(sheet).toBeHidden({ timeout: 30_000 });

    // The station restarts into it; whoever sat at the desk goes on sitting there.
    const kept = page.getByText(/Trước lần khôi phục gần nhất/);
    await expect(kept).toBeVisible({ timeout: 90_000 });
    expect(await points()).toBe(0);
    await page.reload();
    await expect(kept).toBeVisible();
    await look(page, 'restore-done', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Trở lại như trước khi khôi phục…' }).click();
    await sheet.getByLabel('Lý do').fill('Không phải bản ấy');
    await sheet.getByLabel('Mật khẩu của anh chị').fill(commune.at.password);
    await sheet.getByRole('button', { name: 'Trở lại như trước khi khôi phục' }).click();
    await expect(sheet).toBeHidden();
    await expect.poll(() => points().catch(() => -1), { timeout: 90_000 }).toBe(had);
  } finally {
    await commune.down();
  }
});
