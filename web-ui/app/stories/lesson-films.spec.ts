// Films of the province's lessons: fetched and checked by the station, played from it with captions; where one is missing, its words teach.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { expect, fair, goTo, look, test } from './stage';

const OUT = process.env.STORIES_OUT ?? '../../target/stories';

/** A film of four seconds with sound, or a picture of it. */
function shot(name: string, how: string[]): string {
  mkdirSync(`${OUT}/films`, { recursive: true });
  const file = `${OUT}/films/${name}`;
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=s=640x360:r=12:d=4', ...how, file]);
  return file;
}

test('a lesson shows its film with captions from the box itself, and teaches without the film that never comes', async ({ sit, page, commune, browser }, info) => {
  const one = info.project.name;
  const sound = ['-f', 'lavfi', '-i', `sine=f=${one.includes('desktop') ? 440 : 550}:d=4`];
  const film = shot(`${one}.webm`, [...sound, '-c:v', 'libvpx', '-b:v', '200k', '-c:a', 'libvorbis', '-shortest']);
  const picture = shot(`${one}.png`, ['-frames:v', '1']);
  const { media } = (await commune.tell({ media: film })) as { media: { url: string; sha256: string; bytes: number } };
  const { media: still } = (await commune.tell({ media: picture })) as { media: object };
  const title = `Thử loa trước mùa bão (${one})`;
  await commune.publish('lesson', {
    lesson_id: `PHIM-${one}`, version: 1, title, minutes: 3,
    parts: [
      { type: 'text', heading: 'Trước bão', text: 'Thử từng cụm loa.' },
      { type: 'video', heading: 'Xem cách thử', media, text: 'Người kỹ thuật bấm Thử loa.\n\n- Nghe cụm 1\n- Nghe cụm 2', captions: 'WEBVTT\n\n00:00.000 --> 00:03.500\nBấm Thử loa, rồi nghe.\n' },
      { type: 'image', heading: 'Sơ đồ', media: still, text: 'Sơ đồ ba cụm loa quanh trụ sở xã.' },
      { type: 'video', heading: 'Phim không tới', text: 'Lời của phim này vẫn đọc được.', media: { ...media, url: `${media.url}.gone`, sha256: 'ab'.repeat(32) } },
    ],
    quiz: [{ question: 'Khi nào thử loa?', choices: ['Trước bão', 'Sau bão'], answer: 0, why: 'Để còn kịp sửa.' }],
  });
  await sit('lan');
  await expect(async () => {
    await goTo(page, 'learn');
    await page.reload();
    await page.getByRole('link', { name: title }).click({ timeout: 2000 });
    await expect(page.getByLabel('Xem cách thử')).toBeVisible({ timeout: 2000 });
    await expect(page.getByText('Phim này không có ở trạm', { exact: false })).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });

  const video = page.getByLabel('Xem cách thử');
  await video.evaluate(async (element: HTMLVideoElement) => { element.muted = true; await element.play(); });
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime)).toBeGreaterThan(0.5);
  await video.evaluate((element: HTMLVideoElement) => { element.pause(); element.currentTime = 2; });
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => Array.from(element.textTracks[0]?.activeCues ?? []).map((cue) => (cue as VTTCue).text).join())).toBe('Bấm Thử loa, rồi nghe.');
  await expect(page.getByRole('img', { name: 'Sơ đồ ba cụm loa quanh trụ sở xã.' })).toBeVisible();
  await expect(page.getByText('Nghe cụm 2')).toBeVisible();
  await look(page, 'lesson-film', one);
  await fair(page);

  // A part of it, as what it is; and nothing of it for a stranger.
  const part = await page.evaluate(async (id) => {
    const answer = await fetch(`/api/v1/media/${id}`, { headers: { Range: 'bytes=0-99' } });
    return { status: answer.status, type: answer.headers.get('content-type'), bytes: (await answer.arrayBuffer()).byteLength, range: answer.headers.get('content-range') };
  }, media.sha256);
  expect(part).toEqual({ status: 206, type: 'video/webm', bytes: 100, range: `bytes 0-99/${media.bytes}` });
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true });
  for (const path of [`media/${media.sha256}`, `lessons/PHIM-${one}/captions?part=1`]) {
    expect((await stranger.request.get(`${new URL(commune.at.desk).origin}/api/v1/${path}`)).status()).toBe(401);
  }
  await stranger.close();

  // The film that never came keeps nobody from finishing.
  await page.getByRole('radio', { name: 'Trước bão' }).check();
  await page.getByRole('button', { name: 'Nộp bài' }).click();
  await expect(page.getByText('Anh chị đã xong bài này', { exact: false })).toBeVisible();

  await goTo(page, 'learn');
  await page.evaluate(() => { window.print = () => { document.body.dataset.printed = 'yes'; }; });
  await page.getByRole('button', { name: 'In sổ tay' }).click();
  await expect(page.locator('body[data-printed]')).toBeAttached();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.handbook').getByText('xem tại trạm, trang Tập huấn', { exact: false }).first()).toBeVisible();
  await expect(page.locator('.handbook').getByText('Lời của phim này vẫn đọc được.').first()).toBeVisible();
  await page.emulateMedia({ media: null });
});
