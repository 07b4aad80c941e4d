// What came from the hub is read, found, and put into a programme in three taps.

import { expect, fair, goTo, look, test } from './stage';

test('an ordinary bulletin lands in the inbox and gets its place in the schedule', async ({ sit, page, commune }, info) => {
  const id = `BT-2026-${info.project.name}`;
  await commune.publish('bulletin', {
    bulletin_id: id, version: 1, priority: 'ordinary', title: 'Lịch tiêm chủng tháng 12', field: 'y-te', issuer: { level: 'province', name: 'Sở Y tế' },
    content: [{ type: 'text', lang: 'vi', text: 'Sáng thứ bảy, 7 giờ, tại trạm y tế xã. Nhớ mang sổ <b>tiêm</b>.' }], targets: { clusters: ['*'], boards: ['*'] },
  });
  await sit('lan');
  await goTo(page, 'inbox');
  const card = page.getByRole('article').filter({ hasText: 'Lịch tiêm chủng tháng 12' }).filter({ hasText: 'Chờ chọn' });
  await expect(card).toBeVisible();
  await page.getByPlaceholder('Tìm trong tên và nội dung').fill('tiem chung');
  await expect(card).toBeVisible();
  await card.getByText('Đọc').click();
  // Markup of others stays text.
  await expect(card.getByText('Nhớ mang sổ <b>tiêm</b>.')).toBeVisible();
  await look(page, 'inbox', info.project.name);
  await fair(page);

  await card.getByRole('button', { name: 'Đưa vào lịch' }).click();
  const sheet = page.getByRole('dialog', { name: 'Đưa vào lịch phát' });
  await fair(page);
  // An hour that is over is refused with words, and the sessions are those that still come.
  const yesterday = new Date(Date.now() - 17 * 3_600_000).toISOString().slice(0, 10);
  await sheet.getByLabel('Ngày').fill(yesterday);
  await sheet.getByLabel('Giờ', { exact: true }).fill('06:00');
  await sheet.getByRole('button', { name: 'Đưa vào lịch' }).click();
  await expect(sheet.getByRole('alert')).toContainText('Giờ này đã qua');
  await sheet.getByRole('button', { name: /^17:00/ }).click();
  await expect(sheet.getByLabel('Ngày')).not.toHaveValue(yesterday);
  const tomorrow = new Date(Date.now() + 31 * 3_600_000).toISOString().slice(0, 10);
  await sheet.getByLabel('Ngày').fill(tomorrow);
  await sheet.getByRole('button', { name: '05:00' }).click();
  await look(page, 'inbox-plan', info.project.name);
  await sheet.getByRole('button', { name: 'Đưa vào lịch' }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByText(/Đã đưa vào lịch \(nhật ký số \d+\)\./)).toBeVisible();
  await goTo(page, 'home');
  await expect(page.getByRole('listitem').filter({ hasText: 'Lịch tiêm chủng tháng 12' }).filter({ hasText: '05:00' }).first()).toBeVisible();
});
