// A word is corrected once for ever and heard before; what left the station is heard again.

import { expect, fair, goTo, look, test } from './stage';

test('a pronunciation is heard, kept and taken away again', async ({ sit, page }, info) => {
  await sit('lan');
  await goTo(page, 'lexicon');
  await page.getByLabel('Viết là').fill('KDC');
  await page.getByLabel('Đọc là').fill('khu dân cư');
  await page.getByLabel('Câu để nghe thử').fill('Họp KDC số 3');
  await page.getByRole('button', { name: 'Nghe thử' }).click();
  const sound = page.locator('audio');
  await expect(sound).toBeVisible();
  await expect.poll(() => sound.evaluate((heard: HTMLAudioElement) => heard.duration)).toBeGreaterThan(0.5);
  await page.getByRole('button', { name: 'Lưu vào từ điển' }).click();
  await expect(page.getByText('Đã lưu cách đọc “KDC”.')).toBeVisible();
  const row = page.getByRole('listitem').filter({ hasText: 'KDC' });
  await expect(row).toBeVisible();
  await look(page, 'lexicon', info.project.name);
  await fair(page);
  await row.getByRole('button', { name: 'Bỏ' }).click();
  await expect(row.getByRole('alert')).toContainText('Bỏ “KDC”?');
  await fair(page);
  await row.getByRole('button', { name: 'Bỏ' }).click();
  await expect(row).toBeHidden();
});

test('what left the station can be heard again', async ({ sit, page }, info) => {
  await sit('lan');
  await goTo(page, 'recordings');
  await expect(page.getByRole('heading', { name: 'Nghe lại' })).toBeVisible();
  await expect(page.getByRole('listitem').first()).toBeVisible();
  await look(page, 'recordings', info.project.name);
  await fair(page);
});
