// What the desk shows is told apart, named, green only where it was measured, and never takes the desk down.

import { expect, fair, goTo, look, pretend, send, test } from './stage';

/** Tomorrow, as the station reckons. */
const tomorrow = () => new Date(Date.now() + 31 * 3_600_000).toISOString().slice(0, 10);

test('two programmes alike at one hour, each for its own village, stand beside each other', async ({ sit, page }, info) => {
  const mark = info.project.name;
  const title = `Bản tin thôn ${mark}`;
  const date = tomorrow();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  await sit('lan');
  const places = [['thon-2'], ['thon-3']];
  const ids = places.map(([place]) => `giong-nhau-${mark}-${place}`);
  for (const [n, clusters] of places.entries()) {
    const made = await send(page, 'POST', '/api/v1/programmes', { programme_id: ids[n], version: 1, title, start: '00:20', duration_s: 300, start_mode: 'next', targets: { clusters, boards: [] }, items: [{ type: 'chime' }], valid_from: date, valid_until: date });
    expect(made.status, JSON.stringify(made.told)).toBe(200);
  }
  await goTo(page, 'programme/rehearsal');
  await expect(page.getByRole('listitem').filter({ hasText: title })).toHaveCount(2);
  await goTo(page, 'home');
  const next = page.getByRole('listitem').filter({ hasText: title });
  await expect(next).toHaveCount(2);
  await expect(next.filter({ hasText: 'Thôn 2' })).toHaveCount(1);
  await expect(next.filter({ hasText: 'Thôn 3' })).toHaveCount(1);
  await look(page, 'home-alike', mark);
  await fair(page);
  for (const id of ids) expect((await send(page, 'DELETE', `/api/v1/programmes/${id}?version=1`)).status).toBe(200);
  await expect(next).toHaveCount(0);
  expect(wrong).toEqual([]);
});

test('a page that cannot be drawn says so and leads on; the rest of the desk stands', async ({ sit, page }, info) => {
  await sit('lan');
  await page.route('**/api/v1/programmes', (route) => route.fulfill({ json: { programmes: [null] } }));
  await goTo(page, 'programme');
  const said = page.getByRole('alert').filter({ hasText: 'Trang này không mở được' });
  await expect(said).toBeVisible();
  await expect(page.getByRole('button', { name: 'Phát khẩn cấp' })).toBeVisible();
  await look(page, 'page-broken', info.project.name);
  await fair(page);
  await page.unroute('**/api/v1/programmes');
  await said.getByRole('button', { name: 'Mở lại trang' }).click();
  await expect(page.getByRole('heading', { name: 'Lịch phát' })).toBeVisible();
  await page.route('**/api/v1/programmes', (route) => route.fulfill({ json: { programmes: [null] } }));
  await page.reload();
  await expect(said).toBeVisible();
  // The first page reads the book too.
  await page.unroute('**/api/v1/programmes');
  await said.getByRole('link', { name: 'Về trang Đang phát' }).click();
  await expect(page.getByRole('heading', { name: 'Sắp tới' })).toBeVisible();
});

test('green is for what was measured; transmitters have their rows; every alarm has its one way', async ({ sit, page }, info) => {
  await pretend(page, (view) => {
    const [one, two, three] = view.clusters as Record<string, unknown>[];
    const air = { bulletin: 'BT-X', title: 'Giá giống vụ đông', rank: 'programme', level: null, drill: false, stage: 'content', audible: true };
    if (one) one.now = { ...air };
    if (two) two.now = { ...air, audible: false };
    if (three) three.now = { ...air, audible: false, stage: 'waiting' };
    view.transmitters = [{ id: 'fm', state: 'well', wanted: true, carrier: true, clusters: ['thon-3'] }, { id: 'fm-2', state: 'faulted', wanted: true, carrier: null, clusters: [] }];
    const same = { text: 'Thiết bị không làm việc.', grave: false, about: 'switch/amp2' };
    view.alarms = [{ text: 'Loa đang hú ở 1180 Hz.', grave: true, about: 'silence' }, same, { ...same }, { text: 'Đồng hồ chưa tin cậy.', grave: false, about: 'clock' }];
  });
  await sit('lan');
  const clusters = page.locator('section').filter({ has: page.getByRole('heading', { name: /^Cụm loa/ }) });
  await expect(clusters.locator('.state.good')).toHaveCount(1);
  const unheard = clusters.getByRole('listitem').filter({ hasText: 'chưa thấy tiếng' });
  await expect(unheard).toHaveCount(1);
  await expect(unheard.locator('.good')).toHaveCount(0);
  await expect(clusters.getByRole('listitem').filter({ hasText: 'Chờ lượt' }).locator('.good, .bad')).toHaveCount(0);
  const sent = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Máy phát FM' }) });
  await expect(sent.getByRole('listitem').filter({ hasText: 'Đang phát sóng' })).toContainText('tới Thôn 3');
  await expect(sent.getByRole('listitem').filter({ hasText: 'fm-2' })).toContainText('Hỏng');
  await look(page, 'home-measured', info.project.name);
  await fair(page);
  await goTo(page, 'programme/day');
  await expect(page.locator('.timeline .row b .good')).toHaveCount(1);

  const alarms = page.getByRole('region', { name: 'Sự cố' });
  await expect(alarms.getByText('Thiết bị không làm việc.')).toHaveCount(2);
  for (const row of await alarms.locator('p').all()) await expect(row.locator('a, button')).toHaveCount(1);
  await alarms.getByRole('button', { name: 'Tắt tiếng' }).click();
  const muting = page.getByRole('dialog', { name: 'Tắt tiếng' });
  await expect(muting).toBeVisible();
  await muting.getByRole('button', { name: 'Hủy' }).click();
  await alarms.getByRole('link', { name: 'Xem thiết bị' }).first().click();
  const row = page.locator('li[aria-current]');
  await expect(row).toContainText('amp2');
  await expect(row).toBeFocused();
  await expect(row).toBeInViewport();
  await look(page, 'devices-named', info.project.name);
  await fair(page);
});

test('a dialog has its help beside it', async ({ sit, page }) => {
  await sit('lan');
  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByLabel('Nội dung đọc lên và hiện trên bảng').fill('Đang gõ dở');
  const [help] = await Promise.all([page.context().waitForEvent('page'), sheet.getByRole('link', { name: 'Hướng dẫn' }).click()]);
  await expect(help.getByRole('heading', { name: /khẩn cấp/i }).first()).toBeVisible();
  await help.close();
  await expect(sheet.getByLabel('Nội dung đọc lên và hiện trên bảng')).toHaveValue('Đang gõ dở');
});
