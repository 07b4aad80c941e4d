// The week's programmes, from writing one to its rehearsal; two officers at once; who is on duty.

import { enter, expect, fair, goTo, look, test } from './stage';
import type { Page } from '@playwright/test';

const form = (page: Page) => page.getByRole('dialog');

/** Tomorrow, as the station reckons: a day on which nothing has passed. */
function tomorrow(): string {
  return new Date(Date.now() + 31 * 3_600_000).toISOString().slice(0, 10);
}

async function write(page: Page, title: string, start: string, date: string): Promise<void> {
  await page.getByRole('button', { name: 'Thêm chương trình' }).first().click();
  await form(page).getByLabel('Tên chương trình').fill(title);
  await form(page).getByLabel('Giờ bắt đầu').fill(start);
  await form(page).getByLabel('Ngày', { exact: true }).fill(date);
}

/** Shows the week of a date. */
async function weekOf(page: Page, date: string): Promise<void> {
  // The heading stands before the book has come.
  await expect(page.locator('.ec-body, section h2').first()).toBeVisible();
  const [, month, day] = date.split('-');
  const shown = page.getByText(`${Number(day)}/${Number(month)}`).or(page.getByText(`${day}/${month}`)).first();
  if (!(await shown.isVisible())) await page.getByRole('button', { name: 'Tuần sau' }).click();
}

test('a programme is written, stands in the week, is rehearsed, and a clash is refused with its reason', async ({ sit, page, commune }, info) => {
  const date = tomorrow();
  const mark = info.project.name;
  const start = mark === 'phone' ? '16:00' : '09:00';
  await sit('lan');
  await goTo(page, 'programme');
  await expect(page.getByRole('heading', { name: 'Lịch phát' })).toBeVisible();
  await write(page, `Bản tin xã ${mark}`, start, date);
  await form(page).getByRole('button', { name: 'Thêm Nghỉ' }).click();
  await look(page, 'programme-form', mark);
  await fair(page);
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();
  await weekOf(page, date);
  await expect(page.getByText(`Bản tin xã ${mark}`).first()).toBeVisible();

  await write(page, 'Chen ngang', start.replace(':00', ':05'), date);
  await form(page).getByLabel('Cắt và phát đúng giờ').check();
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page).getByRole('alert')).toContainText(`Trùng với chương trình của xã «Bản tin xã ${mark}»`);
  await look(page, 'programme-clash', mark);
  await expect(form(page).getByLabel('Tên chương trình')).toHaveValue('Chen ngang');
  // What is half written survives the page.
  await page.reload();
  await page.getByRole('button', { name: 'Viết tiếp' }).click();
  await expect(form(page).getByLabel('Tên chương trình')).toHaveValue('Chen ngang');
  await form(page).getByLabel('Chờ tới khi phát xong').check();
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();

  await commune.publish('programme', { programme_id: `tinh-${mark}`, version: 1, title: 'Thời sự tỉnh', start: mark === 'phone' ? '19:00' : '18:00', duration_s: 1200,
    targets: { clusters: ['*'] }, items: [{ type: 'bulletin', bulletin_id: `BT-THIEU-${mark}` }] });
  await expect(page.getByText('Thời sự tỉnh').first()).toBeVisible();
  await weekOf(page, date);
  await look(page, 'programme-week', mark);
  await fair(page);
  await page.getByText('Thời sự tỉnh').first().click();
  await expect(form(page).getByText('xã không sửa và không bỏ được')).toBeVisible();
  await form(page).getByRole('button', { name: 'Hủy' }).click();

  await page.getByRole('button', { name: 'Ngày theo cụm' }).click();
  await look(page, 'programme-day', mark);
  await fair(page);
  await page.getByRole('button', { name: 'Chạy thử 14 ngày' }).click();
  await expect(page.getByText('Nếu mất liên lạc ngay bây giờ')).toBeVisible();
  await expect(page.getByText(`Thiếu: BT-THIEU-${mark} – không có trong trạm`).first()).toBeVisible();
  await expect(page.getByText(`Bản tin xã ${mark}`).first()).toBeVisible();
  await look(page, 'programme-rehearsal', mark);
  await fair(page);
});

test('two officers change the same programme: the second is shown what stands and loses nothing', async ({ sit, page, commune, browser }, info) => {
  const date = tomorrow();
  const mark = info.project.name;
  const title = `Hai người ${mark}`;
  await sit('lan');
  await goTo(page, 'programme');
  await write(page, title, mark === 'phone' ? '13:00' : '12:00', date);
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();
  await weekOf(page, date);
  await page.getByText(title).first().click();
  await form(page).getByLabel('Tên chương trình').fill(`${title} của Lan`);

  const other = await (await browser.newContext({ ...info.project.use, ignoreHTTPSErrors: true })).newPage();
  await enter(other, commune, 'hoa');
  await goTo(other, 'programme');
  await weekOf(other, date);
  await other.getByText(title).first().click();
  await form(other).getByLabel('Tên chương trình').fill(`${title} của Hoa`);
  await form(other).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(other)).toBeHidden();
  await other.context().close();

  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page).getByText(`«${title} của Hoa»`)).toBeVisible();
  await expect(form(page).getByLabel('Tên chương trình')).toHaveValue(`${title} của Lan`);
  await look(page, 'programme-changed', mark);
  await form(page).getByRole('button', { name: 'Giữ bản của tôi' }).click();
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();
  await page.getByText(`${title} của Lan`).first().click();
  await form(page).getByRole('button', { name: 'Bỏ khỏi lịch' }).click();
  await form(page).getByRole('button', { name: 'Bấm lần nữa' }).click();
  await expect(form(page)).toBeHidden();
  await expect(page.getByText(`${title} của Lan`)).toHaveCount(0);
});

test('the rota says who is on duty today and warns of a day without anybody', async ({ sit, page }, info) => {
  await sit('lan');
  await goTo(page, 'programme/rota');
  const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const today = names[(new Date(Date.now() + 7 * 3_600_000).getUTCDay() + 6) % 7] ?? 'mon';
  await page.getByRole('button', { name: 'Thêm người trực' }).click();
  await page.getByLabel('Ngày hoặc thứ').last().selectOption(today);
  await page.getByLabel('Người trực').last().fill('Chị Lan');
  await page.getByRole('button', { name: 'Lưu' }).click();
  await expect(page.getByText('Đã lưu lịch trực')).toBeVisible();
  await look(page, 'rota', info.project.name);
  await fair(page);
  await goTo(page, 'home');
  await expect(page.getByText('Hôm nay trực: Chị Lan')).toBeVisible();
  await expect(page.getByText('Ngày mai chưa ai được phân trực.')).toBeVisible();
  await look(page, 'home-timeline', info.project.name);
  await fair(page);
});

test('a programme is moved by dragging, and the form asks before anything changes', async ({ sit, page }, info) => {
  test.skip(info.project.name === 'phone', 'a phone has the list of days');
  const date = tomorrow();
  await sit('lan');
  await goTo(page, 'programme');
  await write(page, 'Kéo đi', '14:00', date);
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();
  await weekOf(page, date);
  const block = page.locator('.ec-event', { hasText: 'Kéo đi' });
  // The calendar draws its blocks anew whenever the week is read again.
  const boxes: { x: number; y: number; width: number }[] = [];
  await expect(async () => {
    await block.scrollIntoViewIfNeeded({ timeout: 1000 });
    const seen = await block.boundingBox({ timeout: 1000 });
    if (!seen) throw new Error('the block is not seen');
    boxes.push(seen);
  }).toPass();
  const box = boxes.at(-1) ?? { x: 0, y: 0, width: 0 };
  await page.mouse.move(box.x + box.width / 2, box.y + 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 30, { steps: 5 });
  await page.mouse.move(box.x + box.width / 2, box.y + 64, { steps: 5 });
  await page.mouse.up();
  await expect(form(page).getByLabel('Giờ bắt đầu')).toHaveValue('15:00');
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();
  await expect(page.locator('.ec-event', { hasText: 'Kéo đi' })).toContainText('15:00');
});
