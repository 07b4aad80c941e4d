// One microphone, two desks: asked for, handed over, taken; and a page that is closed ends its talk.

import { another, expect, fair, goTo, look, test } from './stage';

test('a second desk sees who speaks, asks, gets the microphone, and loses it to nobody unseen', async ({ sit, page, commune, browser }, info) => {
  await sit('lan');
  await goTo(page, 'live');
  await expect(page.getByLabel('Nhạc hiệu trước khi nói')).toBeChecked();
  await page.getByLabel('Nhạc hiệu trước khi nói').uncheck();
  await page.getByRole('button', { name: 'Bắt đầu nói' }).click();
  await expect(page.getByText('Anh chị đang nói ra loa').first()).toBeVisible();

  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'live');
  const talk = hoa.getByRole('region', { name: 'Đang có người nói' });
  await expect(talk.getByText('đang nói trực tiếp')).toBeVisible();
  await talk.getByRole('button', { name: 'Xin micro' }).click();
  await expect(talk.getByText('Đã xin micro, đang chờ người nói trao.')).toBeVisible();
  await fair(hoa);
  await look(hoa, 'live-asks', info.project.name);

  await expect(page.getByText('hoa xin micro')).toBeVisible();
  await fair(page);
  await look(page, 'live-asked', info.project.name);
  await page.getByRole('button', { name: 'Trao micro cho hoa' }).click();
  await expect(hoa.getByRole('region', { name: 'Anh chị đang nói ra loa' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Anh chị đang nói ra loa' })).toBeHidden();

  // Lan may ask for it, and may not take it; Hoa's page is closed, and the talk is over for everybody.
  await expect(page.getByRole('region', { name: 'Đang có người nói' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Nhận micro ngay' })).toBeHidden();
  // Less than the five seconds after which the station would notice by itself.
  await hoa.goto('about:blank');
  await expect(page.getByRole('region', { name: 'Đang có người nói' })).toBeHidden({ timeout: 4_000 });
  await hoa.context().close();
});

test('who may approve takes the microphone, with a reason', async ({ sit, page, commune, browser }, info) => {
  await sit('lan');
  await goTo(page, 'live');
  await page.getByRole('button', { name: 'Bắt đầu nói' }).click();
  await expect(page.getByText('Anh chị đang nói ra loa').first()).toBeVisible();
  const hoa = await another(browser, commune, 'hoa');
  await goTo(hoa, 'live');
  await hoa.getByRole('button', { name: 'Nhận micro ngay' }).click();
  const sheet = hoa.getByRole('dialog', { name: 'Nhận micro' });
  await sheet.getByRole('button', { name: 'Nội dung sai' }).click();
  await fair(hoa);
  await look(hoa, 'live-take', info.project.name);
  await sheet.getByRole('button', { name: 'Nhận micro ngay' }).click();
  await expect(hoa.getByRole('region', { name: 'Anh chị đang nói ra loa' })).toBeVisible();
  await expect(page.getByText('hoa đã nhận micro. Anh chị không còn nói ra loa.')).toBeVisible();
  await hoa.getByRole('button', { name: 'Kết thúc' }).click();
  await expect(hoa.getByText(/Đã kết thúc lượt nói/)).toBeVisible();
  await hoa.context().close();
});
