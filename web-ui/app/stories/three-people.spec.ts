// One writes it, a leader approves it, a third puts it on air: the book names each of them as what they did.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { another, expect, fair, goTo, look, test } from './stage';

test('who wrote it, who approved it and who put it on air stand apart in the book and on its papers', async ({ sit, page, browser, commune }, info) => {
  test.setTimeout(180_000);
  const title = `Họp dân (${info.project.name})`;
  await sit('lan');
  await goTo(page, 'compose/new');
  await page.getByLabel('Tên bản tin').fill(title);
  await page.getByLabel('Lời bằng tiếng Việt').fill('Tối nay họp dân.');
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await page.getByRole('button', { name: /^Gửi duyệt/ }).click();
  await expect(page.getByText(/Đã gửi duyệt/)).toBeVisible();

  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'approve');
  await hoa.getByRole('article').filter({ hasText: title }).getByRole('button', { name: 'Duyệt', exact: true }).click();
  await expect(hoa.getByText(/Đã duyệt/)).toBeVisible();
  await hoa.context().close();

  // Half a minute from now, whatever the hour is.
  const tam = await another(browser, commune, 'tam');
  const booked = await tam.evaluate(async (wanted) => {
    const list = await (await fetch('/api/v1/bulletins?limit=500')).json() as { bulletins: { id: string; title: string }[] };
    const id = list.bulletins.find((one) => one.title === wanted)?.id ?? '';
    const at = new Date(Date.now() + 7 * 3_600_000 + 30_000).toISOString();
    const body = { programme_id: `tam-${id}`.slice(0, 128), version: 1, title: wanted, start: at.slice(11, 19), duration_s: 120, start_mode: 'next',
      targets: { clusters: ['thon-1'], boards: [] }, items: [{ type: 'bulletin', bulletin_id: id }], valid_from: at.slice(0, 10), valid_until: at.slice(0, 10) };
    const answer = await fetch('/api/v1/programmes', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return answer.ok ? '' : await answer.text();
  }, title);
  expect(booked).toBe('');
  await tam.context().close();

  await goTo(page, 'journal');
  // It was for all places; who else was to hear it and did not has rows of its own.
  const row = page.getByRole('row').filter({ hasText: title }).filter({ hasText: 'Thôn 1' });
  await expect(async () => {
    await page.getByRole('button', { name: 'Tháng này' }).click();
    await page.getByRole('button', { name: 'Hôm nay' }).click();
    await expect(row).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 120_000 });
  for (const who of ['soạn lan', 'duyệt hoa', 'phát tam']) await expect(row.getByRole('cell').last()).toContainText(who);
  await look(page, 'journal-people', info.project.name);
  await fair(page);

  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  const lines = readFileSync(await csv.path(), 'utf8').split('\r\n');
  expect(lines.some((line) => line.includes('"Người soạn","Người duyệt","Người phát"'))).toBe(true);
  expect(lines.some((line) => line.includes(title) && line.includes('"lan","hoa","tam"'))).toBe(true);
  const [pdf] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'PDF để ký' }).click()]);
  const text = execFileSync('pdftotext', ['-layout', await pdf.path(), '-']).toString();
  // Columns side by side; the author stands under the station, in the same one.
  expect(text).toMatch(/hoa\s+tam\s+Thôn 1[\s\S]{0,400}?\blan\b/);
});
