// Files that swell: a picture of 400 million points in 50 kB, a sound of hours in some hundred. The officer is told so at once; the station goes on.

import { deflateSync } from 'node:zlib';
import { expect, fair, goTo, look, test } from './stage';

/** A check sum over bytes, most significant bit first or last, as its format has it. */
function crc(bytes: Buffer, width: 8 | 16, poly: number): number {
  let sum = 0;
  const top = 1 << (width - 1);
  for (const byte of bytes) {
    sum ^= byte << (width - 8);
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum & top ? (sum << 1) ^ poly : sum << 1) & ((1 << width) - 1)) >>> 0;
  }
  return sum;
}

function crc32(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** A whole and valid PNG of so many points on a side, black, one bit a point. */
function png(side: number): Buffer {
  const chunk = (name: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side), { level: 9 });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

const BLOCK = 4608;

/** A valid FLAC of silence that does not say how long it is (RFC 9639): frames of one constant, 8 kHz, one channel, 16 bits. */
function flac(frames: number): Buffer {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(BLOCK, 0);
  info.writeUInt16BE(BLOCK, 2);
  // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of samples: none told.
  info.writeUInt32BE((8000 << 12) | (15 << 4), 10);
  const all = [Buffer.from('fLaC', 'latin1'), Buffer.from([0x80, 0, 0, 34]), info];
  for (let number = 0; number < frames; number += 1) {
    const counted = number < 0x80 ? [number] : number < 0x800 ? [0xc0 | (number >> 6), 0x80 | (number & 63)]
      : [0xe0 | (number >> 12), 0x80 | ((number >> 6) & 63), 0x80 | (number & 63)];
    const head = Buffer.from([0xff, 0xf8, 0x74, 0x08, ...counted, (BLOCK - 1) >> 8, (BLOCK - 1) & 0xff]);
    const whole = Buffer.from([...head, crc(head, 8, 0x07), 0, 0, 0]);
    const sum = crc(whole, 16, 0x8005);
    all.push(whole, Buffer.from([sum >> 8, sum & 0xff]));
  }
  return Buffer.concat(all);
}

test('a picture that swells and a sound that does not end are refused in words that help', async ({ sit, page }, info) => {
  await sit('lan');
  await goTo(page, 'compose/new');
  await page.getByLabel('Tên bản tin').fill(`Tệp phình ${info.project.name}`);
  const bomb = png(20_000);
  expect(bomb.length).toBeLessThan(200_000);
  await page.getByLabel('Chọn ảnh').setInputFiles({ name: 'anh.png', mimeType: 'image/png', buffer: bomb });
  await expect(page.getByRole('alert').filter({ hasText: 'Ảnh quá lớn' })).toContainText('thu nhỏ ảnh rồi gửi lại');

  // The same makers make what is taken: they are refused for their size and nothing else.
  await page.getByLabel('Chọn ảnh').setInputFiles({ name: 'anh.png', mimeType: 'image/png', buffer: png(64) });
  await expect(page.getByRole('button', { name: 'Bỏ ảnh' })).toBeVisible();
  const sound = page.getByLabel('Chọn tệp âm thanh');
  const endless = flac(20_000);
  expect(endless.length).toBeLessThan(500_000);
  await sound.setInputFiles({ name: 'loa.flac', mimeType: 'audio/flac', buffer: endless });
  await expect(page.getByRole('alert').filter({ hasText: 'Âm thanh dài quá hai giờ' })).toContainText('Chưa lưu gì');
  await look(page, 'compose-hostile', info.project.name);
  await fair(page);
  await sound.setInputFiles({ name: 'loa.flac', mimeType: 'audio/flac', buffer: flac(20) });
  await expect(page.getByText('Đã có bản thu')).toBeVisible();
});
