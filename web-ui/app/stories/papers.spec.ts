// Papers from above are read here and their receipts go up; a report that is wanted stands until it is handed in.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, fair, goTo, look, test } from './stage';

const OUT = process.env.STORIES_OUT ?? '../../target/stories';

test('a directive is read, a report is handed in, and the first page reminds of both', async ({ sit, page, commune }, info) => {
  const one = info.project.name;
  await commune.publish('document', {
    document_id: `CV-${one}`, number: '12/SVHTTDL-TTCS', title: `Tăng cường phòng chống bão (${one})`, issuer: { level: 'province', name: 'Sở Văn hóa, Thể thao và Du lịch' },
    issued: '2026-11-20T08:00:00+07:00', text: 'Các xã trực hệ thống truyền thanh 24/24.\nKiểm tra máy nổ.', due: '2027-11-25T17:00:00+07:00',
  });
  await commune.publish('report_request', { request_id: `BC-${one}`, title: `Báo cáo truyền thanh năm (${one})`, issuer: { level: 'province', name: 'UBND tỉnh' }, from: '2025-12-15', until: '2026-12-14', due: '2027-12-20T17:00:00+07:00' });
  await sit('lan');
  const due = page.getByRole('region', { name: 'Cần đọc, cần nộp' });
  await expect(due.getByText(`Tăng cường phòng chống bão (${one})`)).toBeVisible();
  await look(page, 'home-papers', one);
  await due.getByRole('link', { name: /Mở công văn/ }).click();
  await expect(page.getByRole('heading', { name: 'Công văn' })).toBeVisible();
  await fair(page);
  await look(page, 'papers', one);

  await page.getByRole('button', { name: `Mở: Tăng cường phòng chống bão (${one})` }).click();
  const paper = page.getByRole('dialog', { name: /Tăng cường/ });
  await expect(paper.getByText('Kiểm tra máy nổ.')).toBeVisible();
  await fair(page);
  await look(page, 'paper', one);
  await paper.getByRole('button', { name: 'Tôi đã đọc' }).click();
  await expect(paper).toBeHidden();
  const read = page.getByRole('article').filter({ hasText: `Tăng cường phòng chống bão (${one})` });
  await expect(read.getByText('Anh chị đã đọc')).toBeVisible();
  await expect(read.getByText('Đã đọc: lan')).toBeVisible();

  await page.getByRole('button', { name: `Mở: Báo cáo truyền thanh năm (${one})` }).click();
  const report = page.getByRole('dialog', { name: /Báo cáo/ });
  await expect(report.getByText('Lượt phát')).toBeVisible();
  await report.getByLabel(/Ghi chú/).fill('Số liệu đủ.');
  await fair(page);
  await look(page, 'report', one);
  await report.getByRole('button', { name: 'Nộp báo cáo' }).click();
  await expect(report).toBeHidden();
  await expect(page.getByRole('article').filter({ hasText: `Báo cáo truyền thanh năm (${one})` }).getByText(/lan đã nộp/)).toBeVisible();
  await goTo(page, 'home');
  await expect(page.getByText(`Báo cáo truyền thanh năm (${one})`)).toBeHidden();
});

test('the files of a directive are fetched and kept by the station, which serves them itself', async ({ sit, page, commune }, info) => {
  const one = info.project.name;
  mkdirSync(`${OUT}/papers`, { recursive: true });
  const file = `${OUT}/papers/ke-hoach-${one}.pdf`;
  writeFileSync(file, `%PDF-1.4\n% Kế hoạch phòng chống bão, ${one}\n%%EOF\n`);
  const { media } = (await commune.tell({ media: file })) as { media: { url: string; sha256: string } };
  const title = `Kế hoạch phòng chống bão (${one})`;
  await commune.publish('document', {
    document_id: `KH-${one}`, title, text: 'Xem tệp kèm theo.', files: [media, { ...media, url: `${media.url}.gone`, sha256: 'cd'.repeat(32) }],
  });
  await sit('lan');
  await goTo(page, 'papers');
  await page.getByRole('button', { name: `Mở: ${title}` }).click();
  const paper = page.getByRole('dialog', { name: title });
  const link = paper.getByRole('link', { name: /Tệp đính kèm/ });
  await expect(link).toBeVisible({ timeout: 30_000 });
  await expect(paper.getByText('Không tải được về trạm', { exact: false })).toBeVisible({ timeout: 30_000 });
  // From the box itself, so that it opens where there is no Internet.
  await expect(link).toHaveAttribute('href', `/api/v1/media/${media.sha256}`);
  const [taken] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(readFileSync(await taken.path(), 'utf8')).toBe(readFileSync(file, 'utf8'));
  await look(page, 'paper-files', one);
  await fair(page);
});
