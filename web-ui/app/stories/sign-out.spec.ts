// Whoever signs out is told when the station has not heard it: the next one at this machine would be this person.

import { expect, fair, look, test } from './stage';

test('a sign-out that did not reach the station says so, and stays to be done', async ({ sit, page }, info) => {
  await sit('lan');
  await page.locator('header summary').click();
  await page.route('**/api/v1/session', (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()));
  const out = page.getByRole('button', { name: 'Đăng xuất' });
  await out.click();
  await expect(page.getByRole('alert').filter({ hasText: 'Chưa đăng xuất' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Các trang' })).toBeVisible();
  await look(page, 'not-out', info.project.name);
  await fair(page);
  await page.unrouteAll();
  await out.click();
  await expect(page.getByRole('heading', { name: 'Bàn điều khiển' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Bàn điều khiển' })).toBeVisible();
});
