// Who did what, and when: found by person and day, in words, and a refusal with its reason.

import { another, expect, fair, goTo, look, test } from './stage';

test('what two people did is listed with who, when and why, and narrowed to one of them and to a day', async ({ sit, page, browser, commune }, info) => {
  const why = `Loa ồn (${info.project.name})`;
  const order = (body: Record<string, unknown>) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await sit('lan');
  const muted = await page.evaluate(async (asked) => (await fetch('/api/v1/mute', asked)).status, order({ clusters: ['thon-1'], for_s: 1, reason: why }));
  expect(muted).toBe(200);
  const hoa = await another(browser, commune, 'hoa');
  const over = { programme_id: `ct-qua-${info.project.name}`, version: 1, title: 'Bản tin đã qua', start: '05:00', duration_s: 60, valid_from: '2020-01-01', valid_until: '2020-01-01',
    targets: { clusters: ['thon-1'], boards: [] }, items: [{ type: 'chime' }] };
  const refused = await hoa.evaluate(async (asked) => (await fetch('/api/v1/programmes', asked)).status, order(over));
  expect(refused).toBe(409);
  await hoa.context().close();

  await goTo(page, 'journal');
  await page.getByRole('link', { name: 'Ai làm gì, lúc nào' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Ai làm gì, lúc nào' })).toBeVisible();
  const mine = page.getByRole('listitem').filter({ hasText: `Tắt tiếng thon-1: ${why}` });
  await expect(mine).toContainText('lan');
  const hers = page.getByRole('listitem').filter({ hasText: 'Bị từ chối' }).filter({ hasText: 'không còn lần phát nào' }).first();
  await expect(hers).toContainText('hoa');
  await look(page, 'audit', info.project.name);
  await fair(page);

  await page.getByLabel('Người').fill('hoa');
  await expect(mine).toHaveCount(0);
  await expect(hers).toBeVisible();
  await page.getByLabel('Người').fill('');
  await expect(mine).toBeVisible();
  // No day before the station was there has anything of anybody.
  await page.getByLabel('Đến ngày').fill('2020-01-01');
  await expect(page.getByText('Không có việc nào.')).toBeVisible();
  await fair(page);
});
