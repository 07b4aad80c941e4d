// What the province sets: code lists shown and offered, and a ruling on policy in the configuration's history, undone at the desk.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Commune, enter, expect, fair, goTo, look, test } from './stage';

test('code lists of the province are shown, searched and offered, and a code that is over says what takes its place', async ({ sit, commune, page }, info) => {
  await commune.publish('codes', {
    list_id: 'field', version: Math.floor(Date.now() / 1000), names: { vi: 'Lĩnh vực', en: 'Fields' }, codes: [
      { code: 'y-te', names: { vi: 'Y tế, dân số', en: 'Health' } }, { code: 'nong-nghiep', names: { vi: 'Nông nghiệp, nông thôn' } },
      { code: 'van-hoa', names: { vi: 'Văn hóa, thể thao' } }, { code: 'suc-khoe', names: { vi: 'Sức khỏe' }, valid_until: '2020-12-31', successor: 'y-te' },
      { code: 'chuyen-doi-so', names: { vi: 'Chuyển đổi số' }, valid_from: '2090-01-01' }],
  });
  await commune.publish('codes', {
    list_id: 'unit', version: 1, names: { vi: 'Đơn vị hành chính' },
    codes: Array.from({ length: 180 }, (_, i) => ({ code: String(25400 + i), names: { vi: `Xã số ${i}` } })),
  });
  await sit('minh');
  await goTo(page, 'settings/codes');
  const rows = page.getByRole('listitem');
  await expect(rows.filter({ hasText: 'Đơn vị hành chính' }).getByText(/180 mã/)).toBeVisible({ timeout: 40_000 });
  await expect(rows.filter({ hasText: 'Sức khỏe' }).getByText('hết hiệu lực')).toBeVisible();
  await expect(rows.filter({ hasText: 'Sức khỏe' }).getByText(/thay bằng y-te/)).toBeVisible();
  await expect(rows.filter({ hasText: 'Chuyển đổi số' }).getByText('sắp dùng')).toBeVisible();
  await look(page, 'codes', info.project.name);
  await fair(page);
  await page.getByLabel('Tìm theo tên hoặc mã (không cần dấu)').fill('nong thon');
  await expect(page.getByText('Nông nghiệp, nông thôn')).toBeVisible();
  await expect(page.getByText('Văn hóa, thể thao')).toBeHidden();
  await page.getByRole('button', { name: 'Xem danh mục Đơn vị hành chính' }).click();
  await expect(page.getByText('Xã số 99', { exact: true })).toBeVisible();
  await expect(page.getByText('Xã số 100', { exact: true })).toBeHidden();
  await page.getByRole('button', { name: /Xem thêm/ }).click();
  await expect(page.getByText('Xã số 179', { exact: true })).toBeVisible();
});

test('the list of fields stands in the place of the one that is built in', async ({ sit, commune, page }, info) => {
  await commune.publish('codes', {
    list_id: 'field', version: Math.floor(Date.now() / 1000) + 1, names: { vi: 'Lĩnh vực' }, codes: [
      { code: 'y-te', names: { vi: 'Y tế, dân số' } }, { code: 'suc-khoe', names: { vi: 'Sức khỏe' }, valid_until: '2020-12-31', successor: 'y-te' }],
  });
  await sit('lan');
  await expect(async () => {
    const told = await page.request.get(new URL('/api/v1/codes/field', page.url()).toString());
    expect((await told.json()).codes).toHaveLength(2);
  }).toPass();
  await goTo(page, 'compose/new');
  const field = page.getByLabel('Lĩnh vực');
  await expect(page.locator('#fields option')).toHaveCount(1);
  await field.fill('y-te');
  await expect(page.locator('small', { hasText: 'Y tế, dân số' })).toBeVisible();
  await field.fill('suc-khoe');
  await expect(page.getByText(/Sức khỏe: mã này đã hết hiệu lực/)).toBeVisible();
  await look(page, 'codes-compose', info.project.name);
  await fair(page);
  await page.getByRole('button', { name: 'Dùng Y tế, dân số' }).click();
  await expect(field).toHaveValue('y-te');
});

test('a ruling of the province is taken over, stands in the history, and is undone', async ({ page }, info) => {
  test.setTimeout(180_000);
  const commune = await Commune.up();
  const file = () => readFileSync(join(commune.at.data, '..', 'gateway.toml'), 'utf8');
  try {
    await enter(page, commune, 'minh');
    await commune.publish('config', { config_id: 'CH-2026-01', version: 1, why: 'Giờ nghỉ đêm mùa hè của tỉnh', changes: [{ section: 'policy', key: 'night', value: '22:00-04:30' }] });
    await expect.poll(file, { timeout: 60_000 }).toContain('night = "22:00-04:30"');
    await expect(async () => {
      await goTo(page, 'settings/history');
      await page.reload();
      await expect(page.getByRole('listitem').filter({ hasText: 'Phiên bản 2' }).getByText('đang dùng')).toBeVisible({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.getByText('Giờ nghỉ đêm mùa hè của tỉnh')).toBeVisible();
    await expect(page.getByText(/Tỉnh sửa \(CH-2026-01\/1\)/)).toBeVisible();
    await expect(page.getByText('đang được thử')).toBeHidden({ timeout: 60_000 });
    await look(page, 'settings-province', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Xem phiên bản 1' }).click();
    await page.getByRole('button', { name: 'Trở lại bản này…' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel(/Lý do/).fill('Xã giữ giờ cũ');
    await sheet.getByRole('button', { name: 'Lưu và áp dụng' }).click();
    await expect.poll(file, { timeout: 60_000 }).not.toContain('22:00-04:30');
  } finally {
    await commune.down();
  }
});
