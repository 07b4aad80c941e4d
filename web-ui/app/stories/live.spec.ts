// The officer's voice goes from the browser's microphone to the sound card, soon, and stops when it should.

import { expect, fair, goTo, look, test } from './stage';
import { onsets, RATE } from './voice';

/** From mouth to sink on the LAN, milliseconds. */
const ALLOWED_MS = 500;
/** What the page's audio thread gathers before it hands it over. */
const WORKLET_MS = 10;
const CHIRPS = 5;
/** Within this a beginning belongs to a chirp; they come every two seconds. */
const ITS_OWN_MS = 1500;
/** A beginning is found on ten milliseconds, on either side. */
const SLACK_MS = 20;

test('a voice is tried, goes on air to the chosen clusters, is heard there at once, and ends', async ({ sit, page, commune }, info) => {
  // When each chirp was at the microphone, on this machine's clock: the page has its samples up to 10 ms later, and the piece that
  // carries its beginning leaves when the rest of that piece has been heard too.
  await page.addInitScript((worklet) => {
    const mouth: number[] = [];
    (window as unknown as { mouth: number[] }).mouth = mouth;
    const usual = window.fetch;
    let silent = 0;
    window.fetch = (input, init) => {
      const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
      if (url.includes('/voice') && init?.body instanceof ArrayBuffer) {
        const rate = Number(/rate=(\d+)/.exec(new Headers(init.headers).get('content-type') ?? '')?.[1]);
        const view = new DataView(init.body);
        const count = view.byteLength / 2;
        for (let at = 0; at < count; at += 1) {
          const loud = Math.abs(view.getInt16(at * 2, false)) > 3000;
          if (loud && silent > rate / 2) mouth.push(Date.now() - ((count - at) * 1000) / rate - worklet);
          silent = loud ? 0 : silent + 1;
        }
      }
      return usual(input, init);
    };
  }, WORKLET_MS);
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
  const speaking = Date.now();
  await fair(page);
  await look(page, 'live-on-air', info.project.name);

  // Each chirp with its own beginning at the sound card; they are two seconds apart, so one that is not there within its time is lost.
  let late: number[] = [];
  const median = async () => {
    const card = (await commune.tell({ card: true })) as { wav: string; starts: [number, number][] };
    const unix = (frame: number) => {
      const start = card.starts.filter(([at]) => at <= frame).at(-1) ?? [0, 0];
      return start[1] + ((frame - start[0]) * 1000) / RATE;
    };
    const heard = onsets(card.wav, before.frames).map(unix);
    const mouth = await page.evaluate(() => (window as unknown as { mouth: number[] }).mouth);
    const chirps = mouth.filter((at) => at > speaking && at < Date.now() - 2 * ITS_OWN_MS);
    late = chirps.map((at) => (heard.find((h) => h > at - SLACK_MS && h < at + ITS_OWN_MS) ?? Infinity) - at);
    // The newest: a machine that paused for seconds is given time to catch up, a delay that stays is not.
    return late.length < CHIRPS ? Infinity : [...late.slice(-CHIRPS)].sort((a, b) => a - b)[Math.floor(CHIRPS / 2)];
  };
  await expect.poll(median, { timeout: 40_000, intervals: [2000] }).toBeLessThan(ALLOWED_MS);
  console.log(`from the mouth to the converter: ${late.map((ms) => ms.toFixed(0)).join(', ')} ms of ${ALLOWED_MS} ms`);
  await page.getByRole('button', { name: 'Kết thúc' }).click();
  await expect(page.getByText(/Đã kết thúc lượt nói \(nhật ký số \d+\)\./)).toBeVisible();
});
