// The officer's voice goes from the browser's microphone to the sound card, soon, and stops when it should.

import { expect, fair, goTo, look, test } from './stage';
import { onsets, RATE } from './voice';

test('a voice is tried, goes on air to the chosen clusters, is heard there at once, and ends', async ({ sit, page, commune }, info) => {
  // When a loud piece of speech leaves the page, on this machine's clock.
  await page.addInitScript(() => {
    const sent: number[] = [];
    (window as unknown as { sent: number[] }).sent = sent;
    const usual = window.fetch;
    let quiet = true;
    window.fetch = (input, init) => {
      const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
      if (url.includes('/voice') && init?.body instanceof ArrayBuffer) {
        const view = new DataView(init.body);
        let peak = 0;
        for (let at = 0; at + 1 < view.byteLength; at += 2) peak = Math.max(peak, Math.abs(view.getInt16(at, false)));
        if (peak > 3000 && quiet) sent.push(Date.now());
        quiet = peak <= 3000;
      }
      return usual(input, init);
    };
  });
  await sit('lan');
  await goTo(page, 'live');
  await page.getByRole('button', { name: 'Thử micro' }).click();
  await expect(page.getByRole('meter', { name: 'Mức micro' })).toBeVisible();
  await expect.poll(async () => Number(await page.getByRole('meter').getAttribute('value'))).toBeGreaterThan(40);
  await fair(page);
  await look(page, 'live-try', info.project.name);
  const before = (await commune.tell({ card: true })) as { frames: number };

  await page.getByRole('button', { name: 'Bắt đầu nói' }).click();
  await expect(page.getByText('Anh chị đang nói ra loa')).toBeVisible();
  await expect.poll(() => page.evaluate(() => (window as unknown as { sent: number[] }).sent.length), { timeout: 20_000 }).toBeGreaterThan(3);
  await fair(page);
  await look(page, 'live-on-air', info.project.name);
  const card = (await commune.tell({ card: true })) as { wav: string; frames: number; starts: [number, number][] };
  await page.getByRole('button', { name: 'Kết thúc' }).click();
  await expect(page.getByText(/Đã kết thúc lượt nói \(nhật ký số \d+\)\./)).toBeVisible();

  const sent = await page.evaluate(() => (window as unknown as { sent: number[] }).sent);
  const unix = (frame: number) => {
    const start = card.starts.filter(([at]) => at <= frame).at(-1) ?? [0, 0];
    return start[1] + ((frame - start[0]) * 1000) / RATE;
  };
  const heard = onsets(card.wav, before.frames).map(unix);
  const late = sent.slice(1, 3).map((at) => Math.min(...heard.filter((h) => h > at - 50).map((h) => h - at)));
  console.log(`from the browser's hand to the converter: ${late.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  // How soon is a figure, printed above; that every chirp came out at all is the claim.
  for (const ms of late) expect(Number.isFinite(ms)).toBe(true);
});
