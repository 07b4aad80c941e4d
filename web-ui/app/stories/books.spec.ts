// Reports, the register and the lessons: figures that come from the journal, a book two people fill in, lessons that open where help is asked.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { enter, expect, fair, goTo, look, test } from './stage';

/** A file behind a link, as poppler reads it; kept beside the pictures. */
async function pdf(page: Page, name: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'PDF để ký' }).click()]);
  const out = process.env.STORIES_OUT ?? '../../target/stories';
  mkdirSync(`${out}/shots`, { recursive: true });
  copyFileSync(await file.path(), `${out}/shots/${name}.pdf`);
  return execFileSync('pdftotext', ['-layout', await file.path(), '-']).toString();
}

test('the figures of a window are charted, told, signed and sent', async ({ sit, page, commune }, info) => {
  await commune.publish('bulletin', {
    bulletin_id: `BT-BC-${info.project.name}`, version: 1, priority: 'emergency', title: 'Cháy rừng lan nhanh', field: 'thien-tai', issuer: { level: 'province', name: 'Ban chỉ huy tỉnh' },
    content: [{ type: 'text', lang: 'vi', text: 'Cháy rừng.' }], targets: { clusters: ['thon-1'], boards: [] }, repeat: 1, hazard: { type: 'chay-rung', level: 4 },
  });
  await sit('lan');
  await goTo(page, 'report');
  const fields = page.getByRole('region', { name: 'Theo lĩnh vực' }).first();
  await expect(async () => {
    await page.getByRole('button', { name: 'Tháng này' }).click();
    await page.getByRole('button', { name: 'Hôm nay' }).click();
    await expect(fields.getByRole('row').filter({ hasText: 'thien-tai' })).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 45_000 });
  await expect(page.getByRole('img', { name: 'Giờ phát (giờ)' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Phát đủ', exact: true }).click();
  await expect(page.getByRole('img', { name: 'Phát đủ (% lượt phát)' }).first()).toBeVisible();
  await page.getByRole('button', { name: /Kỳ của tỉnh/ }).click();
  await expect(page.getByLabel('Từ ngày')).toHaveValue(/-12-15$/);
  await expect(page.getByLabel('Đến ngày')).toHaveValue(/-12-14$/);
  await page.getByRole('button', { name: 'Hôm nay' }).click();
  await look(page, 'report', info.project.name);
  await fair(page);
  const text = await pdf(page, 'report');
  expect(text).toContain('BÁO CÁO HOẠT ĐỘNG TRUYỀN THANH');
  expect(text).toContain('LÃNH ĐẠO ỦY BAN NHÂN DÂN');
  await page.getByRole('button', { name: 'Gửi báo cáo lên tỉnh' }).click();
  await expect(page.getByText(/Đã ghi báo cáo từ/)).toBeVisible();
  await goTo(page, 'journal');
  await page.getByRole('button', { name: 'Hôm nay' }).click();
  const book = await pdf(page, 'book');
  expect(book).toContain('NHẬT KÝ PHÁT THANH');
  expect(book).toContain('Cháy rừng lan nhanh');
  expect(book).toMatch(/Trang 1\/\d/);
});

test('two people fill in the register, and nothing of either is lost', async ({ sit, page, browser, commune }, info) => {
  await sit('lan');
  await goTo(page, 'register');
  await expect(page.getByRole('heading', { name: 'Chỉ tiêu' })).toBeVisible();
  const hamlet = `Thôn Suối ${info.project.name}`;
  await page.getByRole('button', { name: 'Thêm thôn, tổ dân phố' }).click();
  const rows = page.getByRole('region', { name: /^Thôn, tổ dân phố/ });
  await rows.getByRole('textbox').last().fill(hamlet);
  await rows.getByLabel('Nghe được đài').last().selectOption({ label: 'Có' });
  await rows.getByLabel('Số hộ').last().fill('120');

  // Somebody else keeps a change meanwhile.
  const other = await browser.newContext({ ignoreHTTPSErrors: true });
  const desk = await other.newPage();
  await enter(desk, commune, 'hoa');
  await goTo(desk, 'register');
  const web = `https://binhminh-${info.project.name}.example.vn`;
  await desk.getByLabel(/Trang thông tin điện tử/).fill(web);
  await desk.getByRole('button', { name: 'Lưu', exact: true }).click();
  await expect(desk.getByText('Đã lưu sổ rà soát.')).toBeVisible();
  await other.close();

  await page.getByRole('button', { name: 'Lưu', exact: true }).click();
  await expect(page.getByText('Người khác cũng vừa sửa sổ này', { exact: false })).toBeVisible();
  await expect(page.getByText('Đã lưu sổ rà soát.')).toBeVisible();
  await expect(page.getByLabel(/Trang thông tin điện tử/)).toHaveValue(web);
  await page.reload();
  await expect(rows.getByRole('textbox').last()).toHaveValue(hamlet);
  await expect(page.getByRole('listitem').filter({ hasText: 'Có trang thông tin điện tử' })).toContainText('Có');
  await expect(page.getByRole('listitem').filter({ hasText: 'Tỷ lệ thông tin thiết yếu' })).toContainText('Còn phải điền');
  await look(page, 'register', info.project.name);
  await fair(page);
  const text = await pdf(page, 'register');
  expect(text).toContain(hamlet);
  await page.getByRole('button', { name: 'Gửi lên tỉnh' }).click();
  await expect(page.getByText('Đã ghi bản rà soát', { exact: false })).toBeVisible();
});

test('help opens the lesson of the page, a quiz is passed, the province teaches and answers', async ({ sit, page, commune }, info) => {
  await sit('hoa');
  await goTo(page, 'programme');
  await page.getByRole('link', { name: 'Hướng dẫn trang này' }).click();
  await expect(page.getByRole('heading', { name: /^Lịch phát/, level: 1 })).toBeVisible();
  const radios = (n: number) => page.locator('article').getByRole('group').nth(n).getByRole('radio');
  const pick = async (answers: number[]) => { for (const [at, answer] of answers.entries()) await radios(at).nth(answer).check(); };
  await pick([0, 0, 1]);
  await page.getByRole('button', { name: 'Nộp bài' }).click();
  await expect(page.getByText('Đúng 0 trên 3 câu', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Làm lại' }).click();
  await pick([1, 2, 0]);
  await page.getByRole('button', { name: 'Nộp bài' }).click();
  await expect(page.getByText('Anh chị đã xong bài này', { exact: false })).toBeVisible();
  await look(page, 'lesson', info.project.name);
  await fair(page);

  const title = `Bài của tỉnh ${info.project.name}`;
  await commune.publish('lesson', {
    lesson_id: `BH-${info.project.name}`, version: 1, title, minutes: 2, parts: [{ type: 'text', heading: 'Trước bão', text: 'Thử loa.\n\n- Pin\n- <b>FM</b>' }],
    quiz: [{ question: 'Khi nào thử loa?', choices: ['Trước bão', 'Sau bão'], answer: 0, why: 'Để còn kịp sửa.' }],
  });
  await goTo(page, 'learn');
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('link', { name: title })).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });

  const question = `Loa thôn 3 rè khi mưa, xử lý thế nào (${info.project.name})?`;
  await page.getByLabel('Câu hỏi', { exact: true }).fill(question);
  await page.getByRole('button', { name: 'Gửi câu hỏi' }).click();
  const asked = page.getByRole('listitem').filter({ hasText: question });
  await expect(asked).toContainText('Đang chờ');
  const id = /CH-\d+/.exec(await asked.innerText())?.[0] ?? '';
  await commune.publish('answer', { question_id: id, text: 'Kiểm tra mối nối ngoài trời.', by: 'Sở Văn hóa' });
  await expect(async () => {
    await page.reload();
    await expect(asked).toContainText('Kiểm tra mối nối ngoài trời.', { timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Báo cáo tiến độ lên tỉnh' }).click();
  await expect(page.getByText('Đã ghi báo cáo tập huấn', { exact: false })).toBeVisible();
  await look(page, 'learn', info.project.name);
  await fair(page);

  // The handbook: every lesson on A4, as the browser prints it.
  await page.evaluate(() => { window.print = () => { document.body.dataset.printed = 'yes'; }; });
  await page.getByRole('button', { name: 'In sổ tay' }).click();
  await expect(page.locator('body[data-printed]')).toBeAttached();
  if (info.project.name.includes('desktop')) {
    const out = process.env.STORIES_OUT ?? '../../target/stories';
    await page.pdf({ path: `${out}/shots/handbook.pdf`, format: 'A4' });
    expect(readFileSync(`${out}/shots/handbook.pdf`).subarray(0, 4).toString()).toBe('%PDF');
    const text = execFileSync('pdftotext', [`${out}/shots/handbook.pdf`, '-']).toString();
    expect(text).toContain('Sổ tay đài truyền thanh xã');
    expect(text).toContain('Phát khẩn cấp');
    expect(text).toContain('<b>FM</b>');
  }
});
