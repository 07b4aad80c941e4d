// A technician brings a file of another program into the register: told row by row, shown before it is taken, refused where it bombs.

import { deflateRawSync } from 'node:zlib';
import { expect, fair, goTo, look, test } from './stage';

/** A ZIP archive of one part that swells to so many bytes. */
function bomb(bytes: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(bytes, 32));
  const name = Buffer.from('xl/worksheets/sheet1.xml');
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 0, 'latin1');
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(bytes, 22);
  head.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.write('PK\x01\x02', 0, 'latin1');
  entry.writeUInt16LE(20, 6);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(bytes, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([head, name, packed, entry, name, end]);
}

test('a file is taken into the register after it was looked at; what is wrong names its row; a bomb is not opened', async ({ sit, page }, info) => {
  const one = info.project.name;
  await sit('minh');
  await goTo(page, 'register');
  const card = page.getByRole('region', { name: 'Nạp từ tệp CSV hoặc XLSX' });
  const choose = async (name: string, buffer: Buffer) => card.getByLabel(/Chọn tệp/).setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await choose('bom.xlsx', bomb(64 * 2 ** 20));
  await expect(card.getByRole('alert')).toContainText('mở ra lớn quá mức');
  await look(page, 'register-bomb', one);
  const hamlet = `Xóm Đồi ${one}`;
  await choose('thon.csv', Buffer.from(`Thôn, tổ dân phố;Số hộ;Nghe được đài\r\n${hamlet};nhiều;có\r\nXóm Bãi ${one};40;chắc có\r\n`.replace('Thôn, tổ dân phố', '"Thôn, tổ dân phố"')));
  await expect(card.getByRole('alert')).toContainText('Có 2 chỗ chưa đúng');
  await expect(card.getByRole('listitem').filter({ hasText: 'Dòng 2' })).toContainText('cột Số hộ: "nhiều" không phải số');
  await expect(card.getByRole('listitem').filter({ hasText: 'Dòng 3' })).toContainText('không phải Có hoặc Không');
  await expect(card.getByRole('button', { name: 'Nạp vào sổ' })).toBeHidden();
  await look(page, 'register-faults', one);
  await fair(page);
  await choose('thon.csv', Buffer.from(`Thôn;Số hộ;Nghe được đài;Trưởng thôn\r\n${hamlet};1.250;có;không lấy cột này\r\n\r\nCụm loa;Tình trạng;Năm\r\nThôn 2;Cần sửa;2021\r\n`));
  await expect(card.getByRole('status')).toContainText('Sẽ đổi');
  await expect(card.getByRole('listitem').filter({ hasText: hamlet })).toContainText('thêm mới');
  await look(page, 'register-import', one);
  await fair(page);
  await card.getByRole('button', { name: 'Nạp vào sổ' }).click();
  await expect(page.getByText(/Đã nạp \d dòng vào sổ rà soát/)).toBeVisible();
  await page.reload();
  const rows = page.getByRole('region', { name: /^Thôn, tổ dân phố/ });
  await expect(rows.getByRole('group', { name: hamlet }).getByLabel('Số hộ')).toHaveValue('1250');
  // What the register gives out changes nothing when it comes back.
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'XLSX' }).click()]);
  await card.getByLabel(/Chọn tệp/).setInputFiles(await file.path());
  await expect(card.getByRole('status')).toContainText('không có gì khác với sổ');
});
