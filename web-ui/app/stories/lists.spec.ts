// Lists follow what is asked of them, at any hour, and say where they end.

import type { Route } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { expect, fair, goTo, look, pretend, test } from './stage';

test('at five in the morning today is today, also before the station has said its clock', async ({ sit, page }) => {
  // 05:30 of the 22nd in Hà Nội is still the 21st in Greenwich.
  await page.clock.setFixedTime(new Date('2026-11-21T22:30:00Z'));
  await page.route('**/api/v1/events', (route) => route.abort());
  await page.route('**/api/v1/air', (route) => route.abort());
  await sit('lan');
  await goTo(page, 'journal');
  await expect(page.getByLabel('Từ ngày')).toHaveValue('2026-11-22');
  await expect(page.getByLabel('Đến ngày')).toHaveValue('2026-11-22');
  await page.getByRole('button', { name: 'Tuần này' }).click();
  await expect(page.getByLabel('Từ ngày')).toHaveValue('2026-11-16');
  await goTo(page, 'report');
  await expect(page.getByLabel('Từ ngày')).toHaveValue('2025-12-15');
  await goTo(page, 'recordings');
  await expect(page.getByLabel('Ngày', { exact: true })).toHaveValue('2026-11-22');
  // Midnight passes while the page is open.
  await goTo(page, 'journal');
  await expect(page.getByLabel('Từ ngày')).toHaveValue('2026-11-22');
  await page.clock.setFixedTime(new Date('2026-11-22T17:00:30Z'));
  await expect(page.getByLabel('Từ ngày')).toHaveValue('2026-11-23');
});

const play = (seq: number, title: string, cluster: string, result: string) => ({
  seq, at: '2026-11-22T05:00:00.000+07:00', at_ms: seq, trusted: true, bulletin: title, title, field: '', issuer: '', priority: null, drill: false, cluster, path: 'wired',
  planned: null, start: null, end: null, requested_s: 60, actual_s: 60, result, interrupted_by: null, author: null, operator: null, approver: null, evidence: null });
const sum = (cluster: string, result: string, plays: number) => ({ cluster, field: '', priority: '', result, drill: false, plays, requested_s: 60, actual_s: 60, interrupted: 0 });

test('an answer to a filter of before is dropped, and the sums follow the filters', async ({ sit, page }) => {
  const held: Route[] = [];
  await page.route('**/api/v1/playlog?*', async (route) => {
    const asked = new URL(route.request().url()).searchParams;
    if (asked.get('result') === 'done') held.push(route);
    else await route.fulfill({ json: { plays: [play(2, 'Phát hỏng', 'thon-1', 'failed')], next: null } });
  });
  await page.route('**/api/v1/playlog/sums?*', (route) => route.fulfill({ json: { sums: [sum('thon-1', 'done', 7), sum('thon-1', 'failed', 2), sum('thon-2', 'failed', 30)] } }));
  await sit('lan');
  await goTo(page, 'journal');
  const figure = page.locator('dl.figures div').first().locator('dd');
  await expect(figure).toHaveText('39');
  await page.getByLabel('Kết quả').selectOption('done');
  await expect.poll(() => held.length).toBe(1);
  // The clock moves on, and nothing is asked anew.
  const clock = page.locator('time').first();
  const before = await clock.textContent();
  await expect(clock).not.toHaveText(before ?? '');
  expect(held).toHaveLength(1);
  await page.getByLabel('Kết quả').selectOption('failed');
  await expect(page.getByRole('row').filter({ hasText: 'Phát hỏng' })).toBeVisible();
  await expect(figure).toHaveText('32');
  await page.getByLabel('Cụm loa').selectOption('thon-1');
  await expect(figure).toHaveText('2');
  const answered = page.waitForResponse((response) => response.url().includes('result=done'));
  await held[0]?.fulfill({ json: { plays: [play(1, 'Phát xong', 'thon-1', 'done')], next: null } });
  await (await answered).finished();
  await expect(page.getByRole('row').filter({ hasText: 'Phát hỏng' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Phát xong' })).toHaveCount(0);
});

const OUT = process.env.STORIES_OUT ?? '../../target/stories';

/** A film of two seconds, as an officer brings one. */
function film(name: string): string {
  mkdirSync(`${OUT}/films`, { recursive: true });
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=s=320x180:r=12:d=2', '-c:v', 'libvpx', '-b:v', '200k', `${OUT}/films/${name}`]);
  return `${OUT}/films/${name}`;
}

const head = (n: number, state: string, title: string) => ({
  id: `BT-${n}`, title, priority: 'ordinary', state, issuer: 'Sở Y tế', field: '', valid_from: null, valid_until: null, reason: null, drill: false, text: null, own: false, author: null, approver: null, unasked: false, version: 1 });

test('what waits is in the inbox however old it is, and the list says where it ends', async ({ sit, page }, info) => {
  await page.route('**/api/v1/bulletins?*', (route) => {
    const waits = new URL(route.request().url()).searchParams.get('state');
    const bulletins = waits ? [head(1, 'waiting_choice', 'Tin cũ còn chờ')] : Array.from({ length: 200 }, (_, n) => head(1000 + n, 'done', `Tin đã phát ${n}`));
    return route.fulfill({ json: { bulletins } });
  });
  await sit('lan');
  await goTo(page, 'inbox');
  await expect(page.getByRole('article').first()).toContainText('Tin cũ còn chờ');
  await expect(page.getByText('Đang hiện 200 bản tin mới nhất')).toBeVisible();
  await page.getByRole('button', { name: 'Cần anh chị' }).click();
  await expect(page.getByRole('article')).toHaveCount(1);
  await look(page, 'inbox-old', info.project.name);
  await fair(page);
});

test('recordings of a long day are paged through to the first', async ({ sit, page }) => {
  const day = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
  const all = Array.from({ length: 130 }, (_, n) => {
    const minute = 1300 - 10 * n;
    const start = `${day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00.000+07:00`;
    return { id: `r-${n}`, sink: 'hall', start, clock: 'trusted', duration_ms: 60_000, bytes: 1, torn: false, lost_ms: 0, codec: 'opus' };
  });
  await page.route('**/api/v1/recordings?*', (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const before = asked.get('to') ?? '';
    return route.fulfill({ json: { recordings: all.filter((one) => one.start < before).slice(0, Number(asked.get('limit'))) } });
  });
  await sit('lan');
  await goTo(page, 'recordings');
  const rows = page.locator('#main .rows > li');
  await expect(rows).toHaveCount(100);
  await page.getByRole('button', { name: 'Xem bản ghi cũ hơn' }).click();
  await expect(rows).toHaveCount(130);
  await expect(page.getByRole('button', { name: 'Xem bản ghi cũ hơn' })).toHaveCount(0);
});

test('every board is previewed, a film where one plays it, and a late answer changes nothing', async ({ sit, page }, info) => {
  await pretend(page, (view) => {
    const boards = view.boards as Record<string, unknown>[];
    for (let n = 1; n <= 9; n += 1) boards.push({ ...boards[0], id: `bang-${n}`, name: `Bảng ${n}` });
  });
  const held: { route: Route; boards: string[] }[] = [];
  const sights = (boards: string[], text: string) => ({ boards: boards.map((id) => ({ id, width: 0, height: 0, text, pages: [], is_page: id === 'market' })) });
  const asked: string[] = [];
  await page.route('**/api/v1/preview', async (route) => {
    const { text, boards } = route.request().postDataJSON() as { text: string; boards: string[] };
    expect(boards.length).toBeLessThanOrEqual(8);
    asked.push(text);
    if (text === 'Lời cũ') held.push({ route, boards });
    else await route.fulfill({ json: sights(boards, text) });
  });
  await sit('lan');
  await goTo(page, 'compose');
  await page.getByRole('button', { name: 'Soạn bản tin mới' }).click();
  await page.getByLabel('Lời bằng tiếng Việt').fill('Lời cũ');
  await expect.poll(() => held.length).toBe(1);
  await page.getByLabel('Lời bằng tiếng Việt').fill('Lời mới');
  const shown = page.locator('figure').filter({ hasText: 'Lời mới' });
  await expect(shown).toHaveCount(11);
  for (const { route, boards } of held) await route.fulfill({ json: sights(boards, 'Lời cũ') });
  await expect.poll(() => asked.at(-1)).toBe('Lời mới');
  await expect(page.locator('figure').filter({ hasText: 'Lời cũ' })).toHaveCount(0);
  await page.getByLabel('Chọn video').setInputFiles(film(`preview-${info.project.name}.webm`));
  await expect(page.getByLabel('Phim bên cạnh chữ')).toHaveCount(1);
  await expect(page.locator('figure', { hasText: 'Chợ xã' }).getByLabel('Phim bên cạnh chữ')).toBeVisible();
  await expect(page.locator('figure').getByText('không chiếu phim')).toHaveCount(10);
  await look(page, 'preview-many', info.project.name);
});
