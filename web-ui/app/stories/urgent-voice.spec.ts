// An emergency in the officer's own voice: after the tone, in the red frame, at the sound card; and its text where the browser dies.

import { another, expect, fair, goTo, holdDown, look, test } from './stage';
import { onsets } from './voice';

test('a voice with the rank of an emergency is heard after the tone, and ends when its speaker says so', async ({ sit, page, commune }, info) => {
  await sit('lan');
  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByRole('radio', { name: 'Nói trực tiếp' }).check();
  await expect(sheet.getByRole('meter', { name: 'Mức micro' })).toBeVisible();
  await sheet.getByLabel(/Lời hiện trên bảng/).fill('Vỡ đê ở Thôn 3. Bà con lên chỗ cao.');
  await sheet.getByRole('button', { name: 'Bão, lũ' }).click();
  await fair(page);
  await look(page, 'emergency-voice-form', info.project.name);
  const before = (await commune.tell({ card: true })) as { frames: number };
  // The tone lasts two seconds: it is looked for from before it begins.
  const tone = page.getByText('Đang phát hiệu lệnh – chờ một chút rồi nói').waitFor({ timeout: 20_000 });
  await Promise.all([tone, holdDown(page)]);
  await expect(page.locator('body')).toHaveClass(/emergency/);
  await expect(page.getByText('Anh chị đang nói ra loa').first()).toBeVisible();
  await fair(page);
  await look(page, 'emergency-voice-on-air', info.project.name);
  // The bar stays where one goes.
  await goTo(page, 'journal');
  await expect(page.getByRole('region', { name: 'Anh chị đang nói ra loa' })).toBeVisible();
  // A chirp comes every two seconds, and the tone has none of those pauses: three beginnings are the voice.
  await expect.poll(async () => {
    const card = (await commune.tell({ card: true })) as { wav: string };
    return onsets(card.wav, before.frames).length;
  }, { timeout: 30_000 }).toBeGreaterThan(3);
  await page.getByRole('button', { name: 'Kết thúc' }).click();
  await expect(page.getByText(/Đã kết thúc lượt nói \(nhật ký số \d+\)\./)).toBeVisible();
  await expect(page.locator('body')).not.toHaveClass(/emergency/);
});

test('the browser dies, the text is said in its place, and a prepared correction ends it', async ({ sit, page, commune, browser }, info) => {
  const words = 'Cháy rừng ở Thôn 2. Bà con rời nhà ngay.';
  const other = await another(browser, commune, 'hoa');
  await goTo(other, 'ready');
  const mine = `Đính chính cháy rừng ${info.project.name}`;
  await other.getByRole('region', { name: 'Lời đính chính' }).getByRole('button', { name: 'Thêm mục' }).click();
  const editor = other.getByRole('dialog', { name: 'Thêm mục' });
  await editor.getByLabel('Tên gọi').fill(mine);
  await editor.getByLabel('Lời đọc và hiện trên bảng').fill('Tin cháy rừng vừa phát là sai. Bà con yên tâm.');
  await fair(other);
  await editor.getByRole('button', { name: 'Lưu' }).click();
  await expect(editor).toBeHidden();
  const card = other.getByRole('article').filter({ hasText: mine });
  await expect(card.getByText(/Sẵn sàng/)).toBeVisible({ timeout: 30_000 });
  await fair(other);
  await look(other, 'ready', info.project.name);

  await sit('lan');
  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByRole('radio', { name: 'Nói trực tiếp' }).check();
  await sheet.getByLabel(/Lời hiện trên bảng/).fill(words);
  await sheet.getByRole('button', { name: 'Cháy' }).click();
  await holdDown(page);
  await expect(page.getByText('Anh chị đang nói ra loa').first()).toBeVisible();
  await goTo(other, 'live');
  await expect(other.getByText('đang phát khẩn cấp bằng giọng nói')).toBeVisible();
  await page.close();
  await expect(other.getByText('đang phát khẩn cấp bằng giọng nói')).toBeHidden({ timeout: 20_000 });
  await goTo(other, 'home');
  await expect(other.locator('body')).toHaveClass(/emergency/);
  await expect(other.getByRole('heading', { name: words })).toBeVisible();

  await other.getByRole('button', { name: 'Dừng và đính chính' }).first().click();
  const stop = other.getByRole('dialog', { name: 'Dừng và đính chính' });
  await stop.getByText(mine).click();
  await stop.getByRole('button', { name: 'Nội dung sai' }).click();
  await fair(other);
  await look(other, 'stop-with-correction', info.project.name);
  await stop.getByRole('button', { name: 'Dừng ngay' }).click();
  await expect(other.getByRole('heading', { name: /^Đính chính: / })).toBeVisible();
  await expect(other.locator('body')).not.toHaveClass(/emergency/, { timeout: 60_000 });
  await other.context().close();
});
