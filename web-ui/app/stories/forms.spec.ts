// What was typed in a form outlives Esc, another page, a reload and an ended session, and is for whoever typed it alone.

import { another, enter, expect, fair, gate, goTo, look, test } from './stage';
import type { Page } from '@playwright/test';

const warning = (page: Page) => page.getByRole('dialog', { name: 'Phát khẩn cấp' });
const call = (page: Page) => page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
const words = (page: Page) => warning(page).getByLabel('Nội dung đọc lên và hiện trên bảng');

async function leave(page: Page): Promise<void> {
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(page.getByRole('heading', { name: 'Bàn điều khiển' })).toBeVisible();
}

test('a half-written emergency is there again after Esc, a reload and an ended session, and only for its writer', async ({ sit, page, commune }, info) => {
  await sit('lan');
  await call(page);
  await words(page).fill('Nước suối dâng nhanh, bà con bờ trái');
  await warning(page).getByRole('button', { name: 'Bão, lũ' }).click();
  await page.keyboard.press('Escape');
  await expect(warning(page)).toBeHidden();
  await call(page);
  await expect(words(page)).toHaveValue('Nước suối dâng nhanh, bà con bờ trái');
  await expect(warning(page).getByText(/Đang viết dở từ \d\d:\d\d/)).toBeVisible();
  await fair(page);
  await look(page, 'emergency-restored', info.project.name);
  await page.reload();
  await call(page);
  await expect(words(page)).toHaveValue('Nước suối dâng nhanh, bà con bờ trái');
  await page.keyboard.press('Escape');

  await leave(page);
  await enter(page, commune, 'hoa');
  await call(page);
  await expect(words(page)).toHaveValue('');
  await page.keyboard.press('Escape');
  await leave(page);
  await enter(page, commune, 'lan');
  await call(page);
  await expect(words(page)).toHaveValue('Nước suối dâng nhanh, bà con bờ trái');
  await warning(page).getByRole('button', { name: 'Viết lại từ đầu' }).click();
  await expect(words(page)).toHaveValue('');
  await page.keyboard.press('Escape');
  await call(page);
  await expect(words(page)).toHaveValue('');
  await expect(warning(page).getByText(/Đang viết dở/)).toBeHidden();
});

test('fields stand still while they are sent, and a refusal leaves them as they were', async ({ sit, page }) => {
  await sit('lan');
  await page.getByRole('button', { name: 'Tắt tiếng' }).click();
  const sheet = page.getByRole('dialog', { name: 'Tắt tiếng' });
  const reason = sheet.getByLabel(/^Lý do/);
  const [sending, answer] = [gate(), gate()];
  await page.route('**/api/v1/mute', async (route) => {
    sending.open();
    await answer.opened;
    await route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Chưa tắt được', code: 'refused', status: 409 }) });
  });
  await reason.fill('Việc tang ở xóm dưới');
  await reason.press('Enter');
  await sending.opened;
  await expect(reason).toBeDisabled();
  answer.open();
  await expect(sheet.getByRole('alert')).toContainText('Chưa tắt được');
  await expect(reason).toBeEnabled();
  await expect(reason).toBeFocused();
  await expect(reason).toHaveValue('Việc tang ở xóm dưới');
  // The way back of a telephone closes the dialog as Esc does.
  await page.keyboard.press('Escape');
  await goTo(page, 'journal');
  await page.getByRole('button', { name: 'Tắt tiếng' }).click();
  await expect(reason).toHaveValue('Việc tang ở xóm dưới');
  await sheet.getByRole('button', { name: 'Viết lại từ đầu' }).click();
  await expect(reason).toHaveValue('');
});

test('the register is filled in over an interruption, beside somebody else, and stands still while it is kept', async ({ sit, page, browser, commune }, info) => {
  const [mine, theirs] = [`Xóm Trên ${info.project.name}`, `Xóm Dưới ${info.project.name}`];
  const add = async (desk: Page, name: string) => {
    await desk.getByRole('button', { name: 'Thêm thôn, tổ dân phố' }).click();
    await desk.getByRole('region', { name: /^Thôn, tổ dân phố/ }).getByRole('textbox').last().fill(name);
  };
  const row = (desk: Page, name: string) => desk.getByRole('group', { name });
  await sit('lan');
  await goTo(page, 'register');
  await add(page, mine);
  await row(page, mine).getByLabel('Số hộ').fill('128');
  await row(page, mine).getByLabel('Số hộ').blur();
  await goTo(page, 'home');
  await expect(page.getByRole('heading', { name: 'Đang phát', exact: true })).toBeVisible();

  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'register');
  await add(hoa, theirs);
  await hoa.getByRole('button', { name: 'Lưu', exact: true }).click();
  await expect(hoa.getByText('Đã lưu sổ rà soát.')).toBeVisible();
  await hoa.context().close();

  await page.reload();
  await goTo(page, 'register');
  await expect(row(page, mine).getByLabel('Số hộ')).toHaveValue('128');
  await expect(row(page, theirs)).toBeVisible();
  await expect(page.getByText('Những chỗ chưa lưu lần trước đã được điền lại.')).toBeVisible();
  await look(page, 'register-restored', info.project.name);
  await fair(page);
  const [sending, answer] = [gate(), gate()];
  await page.route('**/api/v1/register', async (route) => {
    if (route.request().method() === 'PUT') {
      sending.open();
      await answer.opened;
    }
    await route.continue();
  });
  await page.getByRole('button', { name: 'Lưu', exact: true }).click();
  await sending.opened;
  await expect(row(page, mine).getByLabel('Số hộ')).toBeDisabled();
  answer.open();
  await expect(page.getByText('Đã lưu sổ rà soát.')).toBeVisible();
  await expect(row(page, mine).getByLabel('Số hộ')).toBeEnabled();
  await page.reload();
  await expect(row(page, mine).getByLabel('Số hộ')).toHaveValue('128');
  await expect(page.getByText('Những chỗ chưa lưu lần trước')).toBeHidden();
});

test('a row of the rota that was not kept is there again, and joins what somebody else kept', async ({ sit, page, browser, commune }, info) => {
  const [mine, theirs] = [`Chị Mơ ${info.project.name}`, `Anh Tú ${info.project.name}`];
  const add = async (desk: Page, who: string) => {
    await desk.getByRole('button', { name: 'Thêm người trực' }).click();
    await desk.getByLabel('Ngày hoặc thứ').last().selectOption('date');
    await desk.locator('input[type=date]').last().fill('2031-02-03');
    await desk.getByLabel('Người trực').last().fill(who);
  };
  const persons = (desk: Page) => desk.getByLabel('Người trực').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  await sit('lan');
  await goTo(page, 'programme/rota');
  await add(page, mine);
  await goTo(page, 'home');
  await expect(page.getByRole('heading', { name: 'Đang phát', exact: true })).toBeVisible();
  await goTo(page, 'programme/rota');
  await expect.poll(() => persons(page)).toContain(mine);
  await expect(page.getByText('Những chỗ chưa lưu lần trước đã được điền lại.')).toBeVisible();

  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'programme/rota');
  await add(hoa, theirs);
  await hoa.getByRole('button', { name: 'Lưu' }).click();
  await expect(hoa.getByText('Đã lưu lịch trực')).toBeVisible();
  await hoa.context().close();

  await page.getByRole('button', { name: 'Lưu' }).click();
  await expect(page.getByText('Người khác cũng vừa sửa lịch trực')).toBeVisible();
  expect(await persons(page)).toEqual(expect.arrayContaining([mine, theirs]));
  await look(page, 'rota-joined', info.project.name);
  await fair(page);
  await page.getByRole('button', { name: 'Lưu' }).click();
  await expect(page.getByText('Đã lưu lịch trực')).toBeVisible();
  await page.reload();
  await expect.poll(() => persons(page)).toEqual(expect.arrayContaining([mine, theirs]));
});

test('a recording that was not used yet waits for whoever comes back', async ({ sit, page }, info) => {
  await sit('lan');
  await goTo(page, 'compose/new');
  await page.getByLabel('Tên bản tin').fill(`Bỏ dở ${info.project.name}`);
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await expect(page).toHaveURL(/#\/compose\/[0-9a-f]{16}$/);
  const address = page.url();
  await page.getByRole('button', { name: 'Thu tiếng' }).click();
  await page.getByRole('button', { name: 'Bắt đầu thu' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Đang thu' })).toContainText(/ [1-9] giây/);
  // A tap on the menu in the middle of it.
  await goTo(page, 'compose');
  const left = page.getByText('Có một bản thu chưa dùng, còn trong trang này.');
  await expect(left).toBeVisible();
  await left.getByRole('link', { name: 'Mở ra' }).click();
  await expect(page).toHaveURL(address);
  await expect(page.getByRole('button', { name: 'Dùng bản thu này' })).toBeVisible();
  await page.getByRole('button', { name: 'Bỏ bản thu' }).click();
  await expect(page.getByText('Bỏ hẳn bản thu này?')).toBeVisible();
  await page.getByRole('button', { name: 'Hủy' }).click();
  await look(page, 'compose-unsent', info.project.name);
  await fair(page);
  await page.getByRole('button', { name: 'Dùng bản thu này' }).click();
  await expect(page.getByText('Đã có bản thu')).toBeVisible();
  await goTo(page, 'compose');
  await expect(left).toBeHidden();
});
