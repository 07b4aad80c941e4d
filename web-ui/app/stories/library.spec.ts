// The library: found without diacritics, opened, and offered to the province, which answers.

import { expect, fair, goTo, holdDown, look, test } from './stage';

test('what came is found without diacritics, what was made is offered, and the answer is seen', async ({ sit, page, commune }, info) => {
  const one = info.project.name;
  for (const version of [1, 2]) {
    await commune.publish('bulletin', {
      bulletin_id: `KHO-${one}`, version, priority: 'ordinary', title: `Phòng bệnh dại (${one})`, field: 'y-te', issuer: { level: 'province', name: 'Sở Y tế' },
      content: [{ type: 'text', lang: 'vi', text: `Tiêm vắc-xin cho chó, lần ${version}.` }], targets: { clusters: ['*'], boards: [] },
    });
  }
  await sit('lan');
  await goTo(page, 'library');
  await page.getByLabel(/Tìm trong tên/).fill(`benh dai ${one}`);
  const card = page.getByRole('article').filter({ hasText: `Phòng bệnh dại (${one})` });
  await expect(card).toHaveCount(1);
  await expect(card.getByText('2 phiên bản')).toBeVisible();
  await fair(page);
  await look(page, 'library', one);
  await card.getByRole('button', { name: /Xem, nghe/ }).click();
  const item = page.getByRole('dialog', { name: /Phòng bệnh dại/ });
  await expect(item.getByText('Tiêm vắc-xin cho chó, lần 2.')).toBeVisible();
  await item.getByLabel('Phiên bản').selectOption({ index: 1 });
  await expect(item.getByText('Tiêm vắc-xin cho chó, lần 1.')).toBeVisible();
  await expect(item.getByRole('button', { name: 'Gửi lên tỉnh' })).toBeHidden();
  await fair(page);
  await item.getByRole('button', { name: 'Đóng' }).first().click();

  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByLabel('Nội dung đọc lên và hiện trên bảng').fill(`Trâu lạc ở Thôn 1 (${one}).`);
  await sheet.getByLabel('Số lần đọc').selectOption('1');
  await sheet.getByRole('button', { name: 'Tìm người' }).click();
  await holdDown(page);
  await page.getByLabel(/Tìm trong tên/).fill(`trau lac ${one}`);
  const made = page.getByRole('article').filter({ hasText: `Trâu lạc ở Thôn 1 (${one})` });
  await made.getByRole('button', { name: /Xem, nghe/ }).click();
  const mine = page.getByRole('dialog', { name: /Trâu lạc/ });
  await mine.getByLabel(/Lời nhắn/).fill('Mời tỉnh dùng');
  await mine.getByRole('button', { name: 'Gửi lên tỉnh' }).click();
  await expect(mine.getByText('Đã gửi, tỉnh chưa trả lời')).toBeVisible();
  await look(page, 'library-offered', one);
  const id = await mine.locator('code').first().textContent();
  const whole = await page.evaluate(async (name) => (await fetch(`/api/v1/library/${encodeURIComponent(name ?? '')}`)).json() as Promise<{ offers: { id: string }[] }>, id);
  await commune.publish('answer', { contribution_id: whole.offers[0]?.id, result: 'accepted', text: 'Đài tỉnh sẽ phát tối nay.' });
  await expect(mine.getByText('Tỉnh nhận dùng')).toBeVisible();
  await expect(mine.getByText('Đài tỉnh sẽ phát tối nay.')).toBeVisible();
  await fair(page);
  await look(page, 'library-answered', one);
  await expect(page.locator('body')).not.toHaveClass(/emergency/, { timeout: 60_000 });
});
