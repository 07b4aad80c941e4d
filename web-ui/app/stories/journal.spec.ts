// What was played stands in the book: found by window, printed, and taken into a spreadsheet.

import { readFileSync } from 'node:fs';
import { expect, fair, goTo, look, test } from './stage';

test('a warning that was said stands in the book, in its sums and in the files', async ({ sit, page, commune }, info) => {
  const id = `BT-NK-${info.project.name}`;
  await commune.publish('bulletin', {
    bulletin_id: id, version: 1, priority: 'emergency', title: 'Lũ về nhanh', field: 'thien-tai', issuer: { level: 'province', name: 'Ban chỉ huy tỉnh' },
    content: [{ type: 'text', lang: 'vi', text: 'Lũ về.' }], targets: { clusters: ['thon-1'], boards: [] }, repeat: 1, hazard: { type: 'lu', level: 4 },
  });
  await sit('lan');
  await goTo(page, 'journal');
  await page.getByRole('button', { name: 'Hôm nay' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Lũ về nhanh' });
  await expect(async () => {
    await page.getByRole('button', { name: 'Tháng này' }).click();
    await page.getByRole('button', { name: 'Hôm nay' }).click();
    await expect(row.first()).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 45_000 });
  await expect(row.first()).toContainText('Phát đủ');
  await expect(row.first()).toContainText('Khẩn cấp · thien-tai · Ban chỉ huy tỉnh');
  await look(page, 'journal', info.project.name);
  await fair(page);
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  const text = readFileSync(await csv.path(), 'utf8');
  expect(text).toContain('"Lũ về nhanh"');
  const [xlsx] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'XLSX' }).click()]);
  expect(readFileSync(await xlsx.path()).subarray(0, 2).toString()).toBe('PK');
});
