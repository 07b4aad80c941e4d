// The library gives back what it holds: a recording of the hub becomes a draft, is kept for good, and what goes next is told.

import { expect, fair, goTo, look, test } from './stage';
import { voice } from './voice';

const OUT = process.env.STORIES_OUT ?? '../../target/stories';

test('what the hub sent is found, kept for good, used again as a draft, and the page says what goes next', async ({ sit, page, commune }, info) => {
  const one = info.project.name;
  const { media } = (await commune.tell({ media: voice(`${OUT}/reuse-${one}`) })) as { media: { sha256: string } };
  const title = `Phòng cháy mùa khô (${one})`;
  await commune.publish('bulletin', {
    bulletin_id: `DUNG-LAI-${one}`, version: 1, priority: 'ordinary', title, field: 'an-ninh', issuer: { level: 'province', name: 'Công an tỉnh' },
    content: [{ type: 'text', lang: 'vi', text: 'Không đốt rẫy khi có gió.' }, { type: 'audio', lang: 'km', media }], targets: { clusters: ['*'], boards: [] },
  });
  await sit('lan');
  await goTo(page, 'library');
  await page.getByLabel(/Tìm trong tên/).fill(`phong chay ${one}`);
  await page.getByRole('article').filter({ hasText: title }).getByRole('button', { name: /Xem, nghe/ }).click();
  const item = page.getByRole('dialog', { name: title });
  await expect(async () => {
    // It is here once the station has fetched it.
    await item.getByRole('button', { name: 'Đóng' }).first().click();
    await page.getByRole('article').filter({ hasText: title }).getByRole('button', { name: /Xem, nghe/ }).click();
    await expect(item.locator('audio')).toBeVisible({ timeout: 1500 });
  }).toPass({ timeout: 30_000 });
  await item.getByRole('button', { name: 'Giữ lâu dài' }).click();
  await expect(item.getByText('lan giữ lâu dài: tệp không bị dọn.')).toBeVisible();
  await fair(page);
  await look(page, 'library-kept', one);
  await item.getByRole('button', { name: 'Đóng' }).first().click();
  await page.getByText('Giữ bao lâu?').click();
  const kept = page.getByRole('region', { name: 'Đang giữ lâu dài' });
  await expect(kept.getByRole('button', { name: title })).toBeVisible();
  await expect(page.getByRole('region', { name: /đi khi kho đầy/ })).toBeVisible();
  await fair(page);
  await look(page, 'library-keeping', one);

  await kept.getByRole('button', { name: title }).click();
  await item.getByRole('button', { name: 'Dùng lại để soạn mới' }).click();
  await expect(page).toHaveURL(/#\/compose\/[0-9a-f]{16}$/);
  await expect(page.getByLabel('Tên bản tin')).toHaveValue(title);
  await expect(page.getByLabel('Lời bằng tiếng Việt')).toHaveValue('Không đốt rẫy khi có gió.');
  await expect(page.getByText('Đã có bản thu')).toBeVisible();
  await look(page, 'library-reused', one);
  await fair(page);
  // The draft stands on its own: changed, handed in, and now its files stay for their time.
  await page.getByLabel('Lời bằng tiếng Việt').fill('Không đốt rẫy, không vứt tàn thuốc khi có gió.');
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await page.getByRole('button', { name: /^Gửi duyệt/ }).click();
  await expect(page.getByText(/Đã gửi duyệt/)).toBeVisible();
  await goTo(page, 'library');
  await page.reload();
  await page.getByText('Giữ bao lâu?').click();
  await expect(page.getByRole('region', { name: 'Tệp của tin xã: đi vào ngày' }).getByRole('button', { name: title }).first()).toBeVisible();
});
