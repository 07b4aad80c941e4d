// A bulletin of the commune from the first word to the leader's yes; files, recordings, two writers, lost Wi-Fi, a lost power.

import { another, expect, fair, goTo, look, test } from './stage';
import type { Page } from '@playwright/test';

async function begin(page: Page, title: string, text: string): Promise<void> {
  await goTo(page, 'compose/new');
  await page.getByLabel('Tên bản tin').fill(title);
  await page.getByLabel('Lời bằng tiếng Việt').fill(text);
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await expect(page).toHaveURL(/#\/compose\/[0-9a-f]{16}$/);
}

const handIn = (page: Page) => page.getByRole('button', { name: /^Gửi duyệt/ });
const card = (page: Page, title: string) => page.getByRole('article').filter({ hasText: title });
const plays = (page: Page) => page.addInitScript(() => {
  // What is heard, as the page would play it: its length says that it is sound.
  const heard: number[] = [];
  (window as unknown as { heard: number[] }).heard = heard;
  HTMLMediaElement.prototype.play = function play(this: HTMLMediaElement) {
    return new Promise((done, failed) => {
      const tell = () => { heard.push(this.duration); done(); };
      if (this.readyState >= 1) tell();
      else { this.addEventListener('loadedmetadata', tell); this.addEventListener('error', () => failed(new Error('no sound'))); this.load(); }
    });
  };
});
const heard = (page: Page) => page.evaluate(() => (window as unknown as { heard: number[] }).heard);

test('a text is heard before it airs, handed in, sent back, mended, approved and put into the programme', async ({ sit, page, browser, commune }, info) => {
  const title = `Tiêm chủng ${info.project.name}`;
  await plays(page);
  await sit('lan');
  await begin(page, title, 'Sáng thứ ba tiêm chủng tại trạm y tế.');
  await page.getByRole('button', { name: 'Nghe giọng đọc' }).click();
  await expect.poll(async () => (await heard(page))[0] ?? 0).toBeGreaterThan(0.5);
  await expect(page.getByText('Sáng thứ ba tiêm chủng tại trạm y tế.').last()).toBeVisible();
  await look(page, 'compose', info.project.name);
  await fair(page);
  await handIn(page).click();
  await expect(page.getByText(/Đã gửi duyệt \(nhật ký số \d+\)/)).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: title })).toContainText('Chờ duyệt');
  await look(page, 'compose-list', info.project.name);
  await fair(page);

  const hoa = await another(browser, commune, 'hoa');
  await plays(hoa);
  await hoa.reload();
  await expect(hoa.getByText(/bản tin chờ anh chị duyệt/)).toBeVisible();
  await goTo(hoa, 'approve');
  await card(hoa, title).getByRole('button', { name: 'Nghe giọng đọc' }).click();
  await expect.poll(async () => (await heard(hoa))[0] ?? 0).toBeGreaterThan(0.5);
  await look(hoa, 'approve', info.project.name);
  await fair(hoa);
  await card(hoa, title).getByRole('button', { name: 'Trả lại' }).click();
  await hoa.getByRole('dialog').getByLabel('Cần sửa gì').fill('Sai ngày: sáng thứ tư.');
  await fair(hoa);
  await hoa.getByRole('dialog').getByRole('button', { name: 'Trả lại' }).click();
  await expect(card(hoa, title)).toBeHidden();

  await expect(page.getByRole('listitem').filter({ hasText: title })).toContainText('Sai ngày: sáng thứ tư.');
  await page.getByRole('link', { name: title }).click();
  await page.getByLabel('Lời bằng tiếng Việt').fill('Sáng thứ tư tiêm chủng tại trạm y tế.');
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await handIn(page).click();
  await expect(card(hoa, title)).toContainText('Sáng thứ tư');
  await card(hoa, title).getByRole('button', { name: 'Duyệt', exact: true }).click();
  await expect(hoa.getByText(/Đã duyệt \(nhật ký số \d+\)/)).toBeVisible();
  await hoa.context().close();

  await goTo(page, 'inbox');
  await expect(card(page, title)).toContainText('hoa duyệt');
  await card(page, title).getByRole('button', { name: 'Nghe' }).click();
  await expect.poll(async () => (await heard(page)).length).toBeGreaterThan(1);
  await card(page, title).getByRole('button', { name: 'Đưa vào lịch' }).click();
  await expect(page.getByRole('dialog')).toContainText(title);
});

test('a voice is recorded with a meter, trimmed, and heard by the leader', async ({ sit, page, browser, commune }, info) => {
  const title = `Thu tiếng ${info.project.name}`;
  await sit('lan');
  await begin(page, title, '');
  await page.getByRole('button', { name: 'Thu tiếng' }).click();
  await page.getByRole('button', { name: 'Bắt đầu thu' }).click();
  await expect.poll(async () => Number(await page.getByRole('meter').getAttribute('value'))).toBeGreaterThan(30);
  await expect(page.getByRole('status').filter({ hasText: 'Đang thu' })).toContainText(/ [2-9] giây/);
  await look(page, 'compose-recording', info.project.name);
  await page.getByRole('button', { name: 'Dừng thu' }).click();
  await page.getByLabel('Cắt từ (giây)').fill('0.5');
  await page.getByLabel('Cắt từ (giây)').blur();
  await look(page, 'compose-trim', info.project.name);
  await fair(page);
  await page.getByRole('button', { name: 'Dùng bản thu này' }).click();
  await expect(page.getByText('Đã có bản thu')).toBeVisible();
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await handIn(page).click();
  const hoa = await another(browser, commune, 'hoa');
  await plays(hoa);
  await hoa.reload();
  await goTo(hoa, 'approve');
  await card(hoa, title).getByRole('button', { name: /^Nghe/ }).click();
  await expect.poll(async () => (await heard(hoa))[0] ?? 0).toBeGreaterThan(1);
  await card(hoa, title).getByRole('button', { name: 'Duyệt', exact: true }).click();
  await expect(card(hoa, title)).toBeHidden();
  await hoa.context().close();
  await goTo(page, 'inbox');
  await expect(card(page, title)).toContainText('Chờ chọn');
});

test('files that lie, bomb or carry markup in their names are refused in words that help', async ({ sit, page }, info) => {
  await sit('lan');
  await begin(page, `Tệp ${info.project.name}`, 'Có ảnh.');
  const choose = async (label: string, name: string, mimeType: string, buffer: Buffer) =>
    page.getByLabel(label).setInputFiles({ name, mimeType, buffer });
  // A workbook that calls itself a picture, under a name that would like to be markup and a path.
  const zip = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\x06\0'), Buffer.alloc(2000, 7)]);
  await choose('Chọn ảnh', '../../<img src=x onerror=alert(1)>.png', 'image/png', zip);
  await expect(page.getByRole('alert').filter({ hasText: 'Không nhận ra loại tệp này' })).toBeVisible();
  await choose('Chọn tệp âm thanh', 'nhac.mp3', 'audio/mpeg', Buffer.from('%PDF-1.7 không phải âm thanh'));
  await expect(page.getByRole('alert').filter({ hasText: 'Chưa lưu gì' }).first()).toBeVisible();
  await look(page, 'compose-refused', info.project.name);
  await fair(page);
  // A real one, of one pixel.
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  await choose('Chọn ảnh', 'anh.png', 'image/png', png);
  await expect(page.getByRole('button', { name: 'Bỏ ảnh' })).toBeVisible();
});

test('two people write into one draft: the second sees it, both are kept', async ({ sit, page, browser, commune }, info) => {
  await sit('lan');
  await begin(page, `Chung ${info.project.name}`, 'Câu đầu.');
  const address = page.url();
  const hoa = await another(browser, commune, 'hoa');
  await hoa.goto(address);
  await expect(hoa.getByLabel('Lời bằng tiếng Việt')).toHaveValue('Câu đầu.');
  // While her answers are held up, he changes the title and she the text.
  await hoa.context().setOffline(true);
  await hoa.getByLabel('Lời bằng tiếng Việt').fill('Câu của Hoa.');
  await hoa.getByLabel('Lĩnh vực').fill('van-hoa');
  await expect(hoa.getByText('đang giữ trên máy này')).toBeVisible();
  await page.getByLabel('Tên bản tin').fill(`Chung hai người ${info.project.name}`);
  await page.getByLabel('Lĩnh vực').fill('y-te');
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await page.waitForResponse((answer) => answer.url().includes('/api/v1/drafts/') && answer.ok());
  await hoa.context().setOffline(false);
  await expect(hoa.getByText(/lan cũng đang sửa bản thảo này/)).toBeVisible();
  await expect(hoa.getByLabel('Tên bản tin')).toHaveValue(`Chung hai người ${info.project.name}`);
  await expect(hoa.getByLabel('Lời bằng tiếng Việt')).toHaveValue('Câu của Hoa.');
  const clash = hoa.getByRole('alert').filter({ hasText: 'lĩnh vực' });
  await look(hoa, 'compose-merge', info.project.name);
  await fair(hoa);
  await clash.getByRole('button', { name: 'Lấy bản kia' }).click();
  await expect(hoa.getByLabel('Lĩnh vực')).toHaveValue('y-te');
  await expect(page.getByLabel('Lời bằng tiếng Việt')).toHaveValue('Câu của Hoa.');
  await hoa.context().close();
});

test('a draft outlives a lost power and comes back by itself', async ({ sit, page, commune }, info) => {
  await sit('lan');
  await begin(page, `Mất điện ${info.project.name}`, 'Viết trước khi mất điện.');
  await commune.tell({ power_cut: true });
  await page.reload();
  // Sessions are gone with the power.
  await expect(page.getByLabel('Tên đăng nhập').or(page.getByRole('heading', { name: /Mất điện/ })).first()).toBeVisible();
  if (await page.getByLabel('Tên đăng nhập').isVisible()) {
    await page.getByLabel('Tên đăng nhập').fill('lan');
    await page.getByLabel('Mật khẩu').fill(commune.at.password);
    await page.getByRole('button', { name: 'Đăng nhập' }).click();
  }
  await expect(page.getByLabel('Lời bằng tiếng Việt')).toHaveValue('Viết trước khi mất điện.');
});

test('a rendition is a task of its speaker, places are picked on the plan, and notices have their check-list', async ({ sit, page }, info) => {
  await sit('lan');
  await begin(page, `Nhiệm vụ ${info.project.name}`, 'Tuyển sinh lớp mười.');
  await page.getByText('Giao người đọc, hạn và duyệt').click();
  await page.getByLabel('Lời hoặc tiếng do máy dịch').check();
  await page.getByLabel('Người đọc').fill('lan');
  await handIn(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'chưa được người đọc duyệt' })).toBeVisible();
  await page.getByRole('button', { name: 'Tôi đã nghe' }).click();
  await expect(page.getByText('lan đã duyệt phần này')).toBeVisible();

  await page.getByRole('button', { name: 'Sơ đồ' }).click();
  const point = page.getByRole('checkbox', { name: 'Thôn 2' }).first();
  await expect(point).toBeChecked();
  await point.focus();
  await page.keyboard.press('Space');
  await expect(point).not.toBeChecked();
  await look(page, 'compose-plan', info.project.name);

  await page.getByLabel('Đây là thông báo của tổ chức').check();
  await page.getByLabel('Tuyển sinh').check();
  await handIn(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'chưa đủ các mục phải kiểm tra' })).toBeVisible();
  await page.getByLabel('Của ai').fill('Trường Nguyễn Trãi');
  await page.getByText('Đã xác minh người yêu cầu').click();
  await page.getByText('Không nói tới sản phẩm').click();
  await look(page, 'compose-notice', info.project.name);
  await fair(page);
  await handIn(page).click();
  await expect(page.getByText(/Đã gửi duyệt/)).toBeVisible();
});
