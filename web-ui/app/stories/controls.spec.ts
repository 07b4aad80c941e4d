// Mute, blackout, the drill and the choice between two priorities: what the page says, and what the devices outside did.

import { readFileSync } from 'node:fs';
import { expect, fair, goTo, holdDown, look, test, type Commune } from './stage';
import type { Page } from '@playwright/test';

interface Seen { device: string; event: string; value: unknown }

/** What the devices did since the mark. */
const seen = (commune: Commune, mark: number): Seen[] =>
  readFileSync(commune.at.timeline, 'utf8').trimEnd().split('\n').slice(mark).map((line) => JSON.parse(line) as Seen);
const mark = (commune: Commune): number => seen(commune, 0).length;

/** Waits until a device did this after the mark. */
async function happens(commune: Commune, since: number, device: string, event: string, value: unknown): Promise<void> {
  await expect.poll(() => seen(commune, since).some((one) => one.device === device && one.event === event && one.value === value), { message: `${device} ${event} ${String(value)}` }).toBe(true);
}

async function warn(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByLabel('Nội dung đọc lên và hiện trên bảng').fill(text);
  await sheet.getByLabel('Số lần đọc').selectOption('10');
  await sheet.getByRole('button', { name: 'Bão, lũ' }).click();
  await holdDown(page, 'Phát khẩn cấp');
}

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Dừng và đính chính' }).first().click();
  const sheet = page.getByRole('dialog', { name: 'Dừng và đính chính' });
  await sheet.getByRole('button', { name: 'Tình huống đã qua' }).click();
  await sheet.getByRole('button', { name: 'Dừng ngay' }).click();
  await expect(page.getByText('Không phát gì')).toBeVisible();
}

test('one cluster is muted in the middle of a warning, the others go on, and it sounds again', async ({ sit, page, commune }, info) => {
  await sit('lan');
  const began = mark(commune);
  await warn(page, 'Nước suối dâng nhanh. Bà con lên chỗ cao ngay.');
  await happens(commune, began, 'relays', 'coil 0', true);

  const muted = mark(commune);
  await page.getByRole('button', { name: 'Tắt tiếng' }).click();
  const sheet = page.getByRole('dialog', { name: 'Tắt tiếng' });
  await sheet.getByRole('button', { name: 'Tắt tiếng ngay' }).click();
  // Without a reason nothing is done, and the page says which is missing.
  await expect(sheet.getByRole('alert')).not.toBeEmpty();
  await sheet.getByText(/^Nơi phát/).click();
  await sheet.getByRole('button', { name: 'Bỏ hết' }).click();
  await sheet.getByRole('checkbox', { name: 'Thôn 2' }).check();
  await sheet.getByRole('button', { name: 'Loa hú, rè' }).click();
  await look(page, 'mute-form', info.project.name);
  await fair(page);
  await sheet.getByRole('button', { name: 'Tắt tiếng ngay' }).click();
  await expect(sheet).toBeHidden();
  await happens(commune, muted, 'relays', 'coil 0', false);
  await expect(page.getByText('đang tắt 1')).toBeVisible();
  await expect(page.getByText('Khẩn cấp – đang phát')).toBeVisible();
  expect(seen(commune, muted).filter((one) => one.device === 'far-relay' && one.value === false)).toEqual([]);
  await look(page, 'home-muted', info.project.name);
  await fair(page);

  const lifted = mark(commune);
  await page.getByRole('button', { name: 'Tắt tiếng' }).click();
  await sheet.getByRole('button', { name: 'Bật lại tiếng' }).click();
  await happens(commune, lifted, 'relays', 'coil 0', true);
  await sheet.getByRole('button', { name: 'Hủy' }).click();
  await expect(page.getByText('đang tắt 1')).toBeHidden();
  await stop(page);
});

test('boards go dark in a warning, one loses its power, and both are lit again', async ({ sit, page, commune }, info) => {
  await sit('lan');
  const began = mark(commune);
  await warn(page, 'Vỡ đê. Bà con rời khỏi bờ sông ngay.');
  await expect.poll(() => seen(commune, began).some((one) => one.device === 'gate' && one.event === 'shows')).toBe(true);

  const dark = mark(commune);
  await page.getByRole('button', { name: 'Tắt bảng' }).click();
  const sheet = page.getByRole('dialog', { name: 'Tắt bảng' });
  await sheet.getByRole('button', { name: 'Bảng hiện nội dung lạ' }).click();
  await look(page, 'blackout-form', info.project.name);
  await fair(page);
  await sheet.getByRole('button', { name: 'Tắt bảng ngay' }).click();
  await expect(sheet).toBeHidden();
  await happens(commune, dark, 'gate', 'dark', true);
  // The television that may have been taken over loses its mains.
  await happens(commune, dark, 'relays', 'coil 3', false);
  await expect(page.getByText('đang tắt 2')).toBeVisible();
  await expect(page.getByText('Khẩn cấp – đang phát')).toBeVisible();
  await look(page, 'home-dark', info.project.name);

  const lit = mark(commune);
  await page.getByRole('button', { name: 'Tắt bảng' }).click();
  await sheet.getByRole('button', { name: 'Bật lại bảng' }).first().click();
  await sheet.getByRole('button', { name: 'Bật lại bảng' }).first().click();
  await happens(commune, lit, 'relays', 'coil 3', true);
  await expect.poll(() => seen(commune, lit).some((one) => one.device === 'gate' && one.event === 'shows')).toBe(true);
  await sheet.getByRole('button', { name: 'Hủy' }).click();
  await stop(page);
});

test('a drill is one button, striped on every desk, and never a warning', async ({ sit, page, commune }, info) => {
  await sit('lan');
  const began = mark(commune);
  await page.getByRole('button', { name: 'Diễn tập' }).click();
  const sheet = page.getByRole('dialog', { name: 'Diễn tập' });
  await look(page, 'drill-form', info.project.name);
  await fair(page);
  await holdDown(page, 'Diễn tập');
  await expect(page.getByText('DIỄN TẬP khẩn cấp')).toBeVisible();
  await expect(page.locator('body')).toHaveClass(/drilling/);
  await expect(page.locator('body')).not.toHaveClass(/emergency/);
  await expect(page).toHaveTitle(/^DIỄN TẬP/);
  await expect.poll(() => seen(commune, began).some((one) => one.device === 'gate' && one.event === 'shows' && JSON.stringify(one.value).includes('DIỄN TẬP'))).toBe(true);
  await look(page, 'home-drill', info.project.name);
  await fair(page);
  await expect(sheet).toBeHidden();
  await stop(page);
});

test('two priorities clash: the page says who goes first unless somebody chooses, and by when', async ({ sit, page, commune }, info) => {
  const name = info.project.name;
  await commune.publish('bulletin', { bulletin_id: `BT-XA-${name}`, version: 1, priority: 'ordinary', title: `Lịch tiêm ${name}`,
    content: [{ type: 'text', lang: 'vi', text: 'Sáng mai tiêm chủng tại trạm y tế xã.' }], targets: { clusters: ['thon-2'], boards: [] } });
  await sit('hoa');
  // For this one day, and giving way: a story told later at this hour of another day finds it free.
  const soon = () => {
    const [day, start] = new Date(Date.now() + 7 * 3_600_000 + 5_000).toISOString().slice(0, 19).split('T');
    return { start, valid_from: day, valid_until: day };
  };
  const body = { programme_id: `ct-clash-${name}`, version: 1, title: 'Bản tin trong ngày', start_mode: 'next', duration_s: 120, targets: { clusters: ['thon-2'], boards: [] },
    items: [{ type: 'chime' }, { type: 'bulletin', bulletin_id: `BT-XA-${name}`, priority: true }, { type: 'priority_queue' }] };
  await expect.poll(() => page.evaluate(async (programme) => (await fetch('/api/v1/programmes', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(programme) })).status, { ...body, ...soon() })).toBe(200);
  await commune.publish('bulletin', { bulletin_id: `BT-TINH-${name}`, version: 1, priority: 'priority', title: `Cấm đường ${name}`,
    content: [{ type: 'text', lang: 'vi', text: 'Cấm đường liên xã từ sáu giờ.' }], targets: { clusters: ['thon-2'], boards: [] } });
  const clash = page.getByRole('article').filter({ hasText: `Cấm đường ${name}` }).filter({ hasText: 'Bên nào phát trước?' });
  await expect(clash.getByText('Nếu không ai chọn, trạm sẽ phát của tỉnh trước.')).toBeVisible();
  await expect(clash.getByRole('time')).toBeVisible();
  await look(page, 'home-clash', name);
  await fair(page);
  // It stands in the inbox too, where the two bulletins are.
  await goTo(page, 'inbox');
  await expect(page.getByRole('heading', { level: 1, name: 'Hộp thư' })).toBeVisible();
  await expect(clash.getByRole('time')).toBeVisible();
  await look(page, 'inbox-clash', name);
  await fair(page);
  await clash.getByRole('button', { name: 'Xã trước' }).click();
  await expect(page.getByText(/Đã chọn \(nhật ký số \d+\)/)).toBeVisible();
  await expect(clash).toBeHidden();
  await goTo(page, 'home');
  await expect(page.getByRole('heading', { name: `Cấm đường ${name}` })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Không phát gì')).toBeVisible({ timeout: 60_000 });
});
