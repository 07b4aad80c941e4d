// Papers from above are read here and their receipts go up; a report that is wanted stands until it is handed in.

import { expect, fair, goTo, look, test } from './stage';

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
