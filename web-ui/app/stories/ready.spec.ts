// What is kept ready as a recording: brought, on the disk, on air as an emergency, ended by a correction that was recorded too.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, fair, goTo, holdDown, look, test } from './stage';
import type { Page } from '@playwright/test';
import { onsets, RATE, voice } from './voice';

const OUT = process.env.STORIES_OUT ?? '../../target/stories';

/** The first seconds of a WAV file of 16 bits and one channel. */
function cut(from: string, to: string, seconds: number): string {
  const whole = readFileSync(from);
  const bytes = Buffer.from(whole.subarray(0, 44 + seconds * RATE * 2));
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  writeFileSync(to, bytes);
  return to;
}

async function keep(page: Page, group: string, title: string, file: string, text: string): Promise<void> {
  await page.getByRole('region', { name: group }).getByRole('button', { name: 'Thêm mục' }).click();
  const editor = page.getByRole('dialog', { name: 'Thêm mục' });
  await editor.getByLabel('Tên gọi').fill(title);
  if (text) await editor.getByLabel('Lời đọc và hiện trên bảng').fill(text);
  await editor.getByLabel(/Bản ghi âm/).setInputFiles(file);
  await expect(editor.getByText(/Đã có bản ghi âm \d+ giây/)).toBeVisible();
  await fair(page);
  await editor.getByRole('button', { name: 'Lưu' }).click();
  await expect(editor).toBeHidden();
  await expect(page.getByRole('article').filter({ hasText: title }).getByText(/Sẵn sàng · \d+ giây/)).toBeVisible({ timeout: 30_000 });
}

/** How often sound begins two seconds after it began before: as often as the voice chirps on. */
const chirps = (wav: string, from: number) => onsets(wav, from).filter((at, n, all) => n > 0 && Math.abs(at - (all[n - 1] ?? 0) - 2 * RATE) < RATE / 10).length;

test('a recording is kept ready, sounds as an emergency, and a recorded correction ends it', async ({ sit, page, commune }, info) => {
  const one = info.project.name;
  const long = voice(`${OUT}/ready-${one}`);
  const short = cut(long, `${OUT}/ready-${one}/correction.wav`, 5);
  await sit('lan');
  await goTo(page, 'ready');
  const [warning, correction] = [`Còi lũ ${one}`, `Đính chính lũ ${one}`];
  await keep(page, 'Cảnh báo khẩn cấp', warning, long, 'Lũ ống. Rời bờ suối ngay.');
  await keep(page, 'Lời đính chính', correction, short, '');
  await look(page, 'ready-recordings', one);
  await fair(page);
  // A file that is no sound is refused in words, and nothing is kept.
  await page.getByRole('region', { name: 'Lời đính chính' }).getByRole('button', { name: 'Thêm mục' }).click();
  const editor = page.getByRole('dialog', { name: 'Thêm mục' });
  await editor.getByLabel(/Bản ghi âm/).setInputFiles({ name: 'coi.wav', mimeType: 'audio/wav', buffer: Buffer.from('%PDF-1.7 không phải âm thanh') });
  await expect(editor.getByRole('alert')).toContainText('Chưa lưu gì');
  await look(page, 'ready-refused', one);
  await editor.getByRole('button', { name: 'Hủy' }).click();

  const before = (await commune.tell({ card: true })) as { frames: number };
  await page.getByRole('button', { name: 'Phát khẩn cấp' }).click();
  const sheet = page.getByRole('dialog', { name: 'Phát khẩn cấp' });
  await sheet.getByRole('radio', { name: 'Soạn sẵn' }).check();
  await sheet.getByText(warning).click();
  await sheet.getByRole('button', { name: 'Bão, lũ' }).click();
  await fair(page);
  await look(page, 'emergency-ready', one);
  await holdDown(page);
  await expect(page.locator('body')).toHaveClass(/emergency/);
  await expect.poll(async () => chirps(((await commune.tell({ card: true })) as { wav: string }).wav, before.frames), { timeout: 30_000 }).toBeGreaterThan(2);

  await goTo(page, 'home');
  await page.getByRole('button', { name: 'Dừng và đính chính' }).first().click();
  const stop = page.getByRole('dialog', { name: 'Dừng và đính chính' });
  await stop.getByText(correction).click();
  await stop.getByRole('button', { name: 'Nội dung sai' }).click();
  const at = (await commune.tell({ card: true })) as { frames: number };
  await stop.getByRole('button', { name: 'Dừng ngay' }).click();
  await expect(page.getByRole('heading', { name: /^Đính chính/ }).first()).toBeVisible();
  await look(page, 'ready-corrected', one);
  await expect.poll(async () => chirps(((await commune.tell({ card: true })) as { wav: string }).wav, at.frames), { timeout: 20_000 }).toBeGreaterThan(0);
  await expect(page.locator('body')).not.toHaveClass(/emergency/, { timeout: 60_000 });
});
