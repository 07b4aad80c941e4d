// The week's programmes, from writing one to its rehearsal; two officers at once; who is on duty.

import { another, expect, fair, goTo, look, send, test } from './stage';
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
  // Not the page before, which tells of that day too; and its heading stands before the book has come.
  await expect(page.getByRole('heading', { level: 1, name: 'Lịch phát', exact: true })).toBeVisible();
  await expect(page.locator('#main .ec-body, #main section h2').first()).toBeVisible();
  const [, month, day] = date.split('-');
  const shown = page.locator('#main').getByText(`${Number(day)}/${Number(month)}`).or(page.locator('#main').getByText(`${day}/${month}`)).first();
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

test('two officers change the same programme: what each changed stands, and what both changed is there to choose', async ({ sit, page, commune, browser }, info) => {
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
  await form(page).getByRole('button', { name: 'Thêm Nghỉ' }).click();

  const other = await another(browser, commune, 'hoa');
  await goTo(other, 'programme');
  await weekOf(other, date);
  await other.getByText(title).first().click();
  await form(other).getByLabel('Tên chương trình').fill(`${title} của Hoa`);
  await form(other).getByLabel('Thời lượng (phút)').fill('20');
  await form(other).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(other)).toBeHidden();
  await other.context().close();

  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  // Hoa's length is taken over, Lan's item is kept, and the name is listed with both.
  await expect(form(page).getByText(`Trong lịch: «${title} của Hoa»`)).toBeVisible();
  await expect(form(page).getByText(`Của anh chị: «${title} của Lan»`)).toBeVisible();
  await expect(form(page).getByRole('button', { name: /^Lấy của người kia/ })).toHaveCount(1);
  await expect(form(page).getByLabel('Tên chương trình', { exact: true })).toHaveValue(`${title} của Lan`);
  await expect(form(page).getByLabel('Thời lượng (phút)')).toHaveValue('20');
  await expect(form(page).getByText('2. Nghỉ')).toBeVisible();
  await look(page, 'programme-changed', mark);
  await fair(page);
  await form(page).getByRole('button', { name: /^Lấy của người kia/ }).click();
  await expect(form(page).getByLabel('Tên chương trình', { exact: true })).toHaveValue(`${title} của Hoa`);
  await form(page).getByRole('button', { name: 'Lưu vào lịch' }).click();
  await expect(form(page)).toBeHidden();
  await page.getByText(`${title} của Hoa`).first().click();
  await expect(form(page).getByLabel('Thời lượng (phút)')).toHaveValue('20');
  await expect(form(page).getByText('2. Nghỉ')).toBeVisible();
  await form(page).getByRole('button', { name: 'Bỏ khỏi lịch' }).click();
  await form(page).getByRole('button', { name: 'Bấm lần nữa' }).click();
  await expect(form(page)).toBeHidden();
  await expect(page.getByText(`${title} của Hoa`)).toHaveCount(0);
});

test('a week is copied once however often it is asked for, and every refusal stands in one list', async ({ sit, page }, info) => {
  const mark = info.project.name;
  await sit('lan');
  const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
  const later = (n: number) => new Date(Date.parse(`${today}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
  // The third week from now is copied into the fourth: no other story writes there.
  const monday = 7 - ((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7);
  const written = (day: string) => day.split('-').reverse().join('/');
  const put = (id: string, on: string, start: string, more = {}) => send(page, 'POST', '/api/v1/programmes', {
    programme_id: `${id}-${mark}`, version: 1, title: `Chép ${id} ${mark}`, start, duration_s: 1800, start_mode: 'hard', targets: { clusters: ['archive'], boards: [] }, items: [{ type: 'chime' }], valid_from: on, valid_until: on, ...more });
  const ids: string[] = [];
  for (const n of [0, 1, 2, 3, 4, 5]) {
    ids.push(`tuan-${n}-${mark}`);
    const made = await put(`tuan-${n}`, later(monday + 14), `0${n + 2}:00`);
    expect(made.status, JSON.stringify(made.told)).toBe(200);
  }
  // Five of the six meet something there that waits for nobody.
  for (const n of [0, 1, 2, 3, 4]) {
    ids.push(`chan-${n}-${mark}`);
    const made = await put(`chan-${n}`, later(monday + 21), `0${n + 2}:10`);
    expect(made.status, JSON.stringify(made.told)).toBe(200);
  }
  await goTo(page, 'programme');
  for (const week of [1, 2, 3, 4]) {
    await page.getByRole('button', { name: 'Tuần sau' }).click();
    await expect(page.getByText(`${written(later(monday + 7 * (week - 1)))} – `)).toBeVisible();
  }
  await page.getByRole('button', { name: 'Chép tuần trước' }).click();
  const refused = page.getByRole('alert').filter({ hasText: 'Không chép được 5 chương trình' });
  await expect(refused.getByRole('listitem')).toHaveCount(5);
  await expect(refused.getByRole('listitem').first()).toContainText('Trùng với chương trình của xã');
  await look(page, 'programme-copied', mark);
  await fair(page);
  await page.getByRole('button', { name: 'Chép tuần trước' }).click();
  await expect(page.getByText('1 chương trình đã có trong tuần này, không chép lại.').last()).toBeVisible();
  const book = (await send(page, 'GET', '/api/v1/programmes')).told as { programmes: { programme: { programme_id: string; title: string; version: number } }[] };
  const copies = book.programmes.filter((one) => one.programme.title === `Chép tuan-5 ${mark}`);
  expect(copies).toHaveLength(2);
  for (const { programme } of book.programmes.filter((one) => one.programme.title.startsWith('Chép ') && one.programme.title.endsWith(mark))) {
    await send(page, 'DELETE', `/api/v1/programmes/${programme.programme_id}?version=${programme.version}`);
  }
});

test('the limits of the site stand in the form and say what is broken while it is written', async ({ sit, page }, info) => {
  await sit('lan');
  const limits = (await send(page, 'GET', '/api/v1/limits')).told;
  await page.route('**/api/v1/limits', (route) => route.fulfill({ json: { ...limits, days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'], sessions: [{ from: '05:00', until: '07:00' }, { from: '17:00', until: '19:00' }], quiet: { from: '21:00', until: '05:00' }, longest_s: 1800 } }));
  await goTo(page, 'programme');
  if (info.project.name === 'phone') await expect(page.getByText('Trạm cho phép: phát vào T2, T3, T4, T5, T6, T7; trong buổi 05:00–07:00, 17:00–19:00; yên tĩnh 21:00–05:00; mỗi chương trình nhiều nhất 30 phút.')).toBeVisible();
  // A Monday.
  await write(page, 'Quá giờ', '17:45', '2027-01-04');
  await expect(form(page).getByText('Trạm cho phép:')).toBeVisible();
  await form(page).getByLabel('Thời lượng (phút)').fill('90');
  await expect(form(page).getByRole('status').filter({ hasText: 'Không hợp với giới hạn của trạm' })).toContainText('mỗi chương trình nhiều nhất 30 phút; trong buổi 05:00–07:00, 17:00–19:00.');
  await look(page, 'programme-limits', info.project.name);
  await fair(page);
  await form(page).getByLabel('Thời lượng (phút)').fill('15');
  await expect(form(page).getByText('Không hợp với giới hạn của trạm')).toHaveCount(0);
  await form(page).getByLabel('Giờ bắt đầu').fill('23:50');
  await expect(form(page).getByText('yên tĩnh 21:00–05:00')).toBeVisible();
  await form(page).getByLabel('Giờ bắt đầu').fill('17:00');
  await form(page).getByLabel('Ngày', { exact: true }).fill('2027-01-03');
  await expect(form(page).getByText('trạm không phát vào CN')).toBeVisible();
  await form(page).getByRole('button', { name: 'Hủy' }).click();
  await page.getByRole('button', { name: 'Bỏ bản viết dở' }).click();
});

test('the rota says who is on duty today and warns of a day without anybody', async ({ sit, page }, info) => {
  await sit('lan');
  await goTo(page, 'programme/rota');
  const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const today = names[(new Date(Date.now() + 7 * 3_600_000).getUTCDay() + 6) % 7] ?? 'mon';
  await page.getByRole('button', { name: 'Thêm người trực' }).click();
  await page.getByLabel('Ngày hoặc thứ').last().selectOption(today);
  await page.getByLabel('Người trực').last().fill('lan');
  await expect(page.getByText('Bàn điều khiển sẽ nhắc người này.')).toBeVisible();
  // Somebody else puts a row in meanwhile: both are kept.
  const stands = (await send(page, 'GET', '/api/v1/rota')).told as { version: number; rows: { on: string; session: string; person: string }[] };
  const third = { on: '2027-01-15', session: 'Sáng', person: 'Anh Tư' };
  expect((await send(page, 'PUT', '/api/v1/rota', { version: stands.version, rows: [...stands.rows.filter((row) => row.on !== third.on), third] })).status).toBe(200);
  await page.getByRole('button', { name: 'Lưu' }).click();
  await expect(page.getByText('đã được ghép với phần của anh chị')).toBeVisible();
  await expect(page.getByLabel('Người trực')).toHaveCount(stands.rows.filter((row) => row.on !== third.on).length + 2);
  await page.getByRole('button', { name: 'Lưu' }).click();
  await expect(page.getByText('Đã lưu lịch trực')).toBeVisible();
  await look(page, 'rota', info.project.name);
  await fair(page);
  await goTo(page, 'home');
  await expect(page.getByText(/^Hôm nay trực: .*lan/)).toBeVisible();
  await expect(page.locator('#main').getByText('Hôm nay anh chị trực cả ngày.')).toBeVisible();
  await expect(page.getByText('Ngày mai chưa ai được phân trực.')).toBeVisible();
  await look(page, 'home-timeline', info.project.name);
  await fair(page);
  // Whoever signs in is told.
  await page.reload();
  await expect(page.getByRole('status').filter({ hasText: 'Hôm nay anh chị trực cả ngày.' })).toBeVisible();
  const last = (await send(page, 'GET', '/api/v1/rota')).told as { version: number };
  await send(page, 'PUT', '/api/v1/rota', { version: last.version, rows: [] });
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
