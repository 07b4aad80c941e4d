// The technician looks at every device, tries them in silence, and an officer may only look.

import { expect, fair, goTo, look, test } from './stage';

test('outputs, lines and the self-test are seen, and a silent test runs to its end', async ({ sit, page }, info) => {
  await sit('minh');
  await goTo(page, 'devices');
  await expect(page.getByRole('heading', { name: 'Thiết bị', exact: true })).toBeVisible();
  const hall = page.getByRole('listitem').filter({ hasText: 'hall' }).first();
  await expect(hall.getByText('Tốt')).toBeVisible();
  await expect(hall.getByText(/âm lượng ngày \d+ %, đêm \d+ % · .*chu kỳ/)).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'bus1' }).getByText('Thông')).toBeVisible();
  await page.getByRole('button', { name: 'Kiểm tra im lặng' }).click();
  await expect(page.getByText(/Bắt đầu kiểm tra \(nhật ký số \d+\)\./)).toBeVisible();
  await expect(page.getByText(/^Lần \d+ \(chỉ đọc\)/)).toBeVisible();
  await look(page, 'devices', info.project.name);
  await fair(page);
});

test('an officer sees the devices and has no button that tries them', async ({ sit, page }) => {
  await sit('lan');
  await goTo(page, 'devices');
  await expect(page.getByRole('listitem').filter({ hasText: 'hall' }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Kiểm tra im lặng' })).toBeHidden();
});

test('the desk speaks English too, and remembers it', async ({ sit, page }) => {
  await sit('khach');
  await page.getByText('khach').click();
  await page.getByRole('combobox', { name: 'Ngôn ngữ' }).selectOption('en');
  await expect(page.getByRole('heading', { name: 'On air', exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'On air', exact: true })).toBeVisible();
});
