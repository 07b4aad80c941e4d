// Accounts, first passwords, sessions, the desk handed over by PIN and the second factor.

import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, fair, goTo, look, test } from './stage';

const OWN = 'mùa lúa chín vàng đồng';

/** Another machine, with its own cookie. */
async function elsewhere(browser: Browser, desk: string, name: string, password: string): Promise<Page> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport: { width: 360, height: 740 } })).newPage();
  await page.goto(desk);
  await enter(page, name, password);
  return page;
}

async function enter(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Tên đăng nhập').fill(name);
  await page.getByLabel('Mật khẩu').fill(password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
}

/** What an authenticator shows at a moment (RFC 6238), reckoned here and not by the station. */
function shown(secret: string, unixS: number): string {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(unixS / 30)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function stationTime(page: Page): Promise<number> {
  return page.evaluate(async () => Date.parse(((await (await fetch('/api/v1/air')).json()) as { clock: string }).clock) / 1000);
}

test('a person is added, chooses a password, is demoted, loses it at once, and is removed', async ({ sit, page, commune, browser }, info) => {
  await sit('minh');
  await goTo(page, 'people');
  await expect(page.getByRole('heading', { name: 'Người dùng' })).toBeVisible();
  await expect(page.getByText('kỹ thuật').first()).toBeVisible();
  await look(page, 'people', info.project.name);
  await fair(page);

  await page.getByRole('button', { name: 'Thêm người' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Tên đăng nhập').fill('chị mai');
  await sheet.getByRole('button', { name: 'Thêm người' }).click();
  await expect(sheet.getByRole('alert')).toContainText('Chữ không dấu');
  await sheet.getByLabel('Tên đăng nhập').fill('mai');
  await sheet.getByLabel('Tên hiển thị').fill('Chị Mai');
  await sheet.getByText('lãnh đạo duyệt').click();
  await look(page, 'people-add', info.project.name);
  await fair(page);
  await sheet.getByRole('button', { name: 'Thêm người' }).click();
  const word = page.getByRole('dialog', { name: 'Mật khẩu cho mai' });
  const password = await word.locator('output').innerText();
  expect(password).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  await look(page, 'people-word', info.project.name);
  await fair(page);
  await word.getByRole('button', { name: 'Đã chép' }).click();

  const mai = await elsewhere(browser, commune.at.desk, 'mai', password);
  await expect(mai.getByRole('heading', { name: 'Đặt mật khẩu của riêng mình' })).toBeVisible();
  await look(mai, 'first-password', info.project.name);
  await fair(mai);
  await mai.getByLabel('Mật khẩu được cấp').fill(password);
  await mai.getByLabel('Mật khẩu mới', { exact: true }).fill(OWN);
  await mai.getByLabel('Nhập lại mật khẩu mới').fill(`${OWN}x`);
  await mai.getByRole('button', { name: 'Đặt mật khẩu' }).click();
  await expect(mai.getByRole('alert')).toContainText('không giống nhau');
  await mai.getByLabel('Nhập lại mật khẩu mới').fill(OWN);
  await mai.getByRole('button', { name: 'Đặt mật khẩu' }).click();
  await mai.getByRole('navigation', { name: 'Các trang' }).getByRole('button').click();
  await expect(mai.getByRole('link', { name: 'Người dùng' })).toBeVisible();

  await expect(page.getByText(/chưa tự đặt mật khẩu/)).toBeHidden();
  await page.getByRole('button', { name: 'Sửa tài khoản của Chị Mai' }).click();
  await sheet.getByText('chỉ xem').click();
  await sheet.getByRole('button', { name: 'Lưu' }).click();
  await expect(mai.getByRole('link', { name: 'Người dùng' })).toBeHidden();
  await expect(mai.getByRole('button', { name: 'Phát khẩn cấp' })).toBeHidden();

  await page.getByRole('button', { name: 'Sửa tài khoản của Chị Mai' }).click();
  await sheet.getByText('Việc khác với tài khoản này').click();
  await sheet.getByRole('button', { name: 'Xóa tài khoản' }).click();
  await look(page, 'people-remove', info.project.name);
  await sheet.getByRole('button', { name: 'Xóa hẳn' }).click();
  await expect(page.getByRole('button', { name: 'Sửa tài khoản của Chị Mai' })).toBeHidden();
  await expect(mai.getByRole('heading', { name: 'Bàn điều khiển' })).toBeVisible();
  await mai.context().close();

  const journal = await page.evaluate(async () => (await fetch('/api/v1/journal?limit=20')).text());
  for (const what of ['tài khoản mai: thêm', 'tài khoản mai: tự đổi mật khẩu', 'tài khoản mai: sửa, vai trò người xem', 'tài khoản mai: xóa']) expect(journal).toContain(what);
  expect(journal).not.toContain(password);
  expect(journal).not.toContain('Chị Mai');
});

test('sessions are seen and ended, and the page says so at the other desk', async ({ sit, page, commune, browser }, info) => {
  const lan = await elsewhere(browser, commune.at.desk, 'lan', commune.at.password);
  await expect(lan.getByRole('navigation', { name: 'Các trang' })).toBeVisible();
  await sit('minh');
  await goTo(page, 'people');
  await expect(page.getByText('máy này')).toBeVisible();
  await page.getByRole('button', { name: /Kết thúc phiên của lan/ }).first().click();
  await expect(lan.getByRole('heading', { name: 'Bàn điều khiển' })).toBeVisible();
  await look(page, 'people-sessions', info.project.name);
  await lan.context().close();
});

test('a shared desk changes hands by PIN, the page stays, and the header says who sits there', async ({ sit, page, commune, browser }, info) => {
  const hoa = await elsewhere(browser, commune.at.desk, 'hoa', commune.at.password);
  await expect(hoa.getByRole('navigation', { name: 'Các trang' })).toBeVisible();
  await goTo(hoa, 'account');
  await hoa.getByText('Đặt mã PIN').click();
  await hoa.getByLabel('Mã PIN mới').fill('402917');
  await hoa.getByLabel('Mật khẩu của bạn').first().fill(commune.at.password);
  await hoa.getByRole('button', { name: 'Lưu mã PIN' }).click();
  await expect(hoa.getByText('Đã có mã PIN')).toBeVisible();

  await sit('lan');
  await goTo(page, 'inbox');
  await page.locator('header summary').click();
  await look(page, 'menu', info.project.name);
  await page.getByRole('button', { name: 'Đổi người' }).click();
  const sheet = page.getByRole('dialog', { name: 'Đổi người ngồi bàn' });
  await sheet.getByText('hoa', { exact: true }).click();
  await sheet.getByLabel('Mã PIN').fill('111111');
  await sheet.getByRole('button', { name: 'Nhận bàn' }).click();
  await expect(sheet.getByRole('alert')).toContainText('Còn 4 lần thử');
  await sheet.getByLabel('Mã PIN').fill('402917');
  await look(page, 'take-over', info.project.name);
  await fair(page);
  await sheet.getByRole('button', { name: 'Nhận bàn' }).click();
  await expect(page.locator('header summary')).toContainText('hoa');
  await expect(page.locator('header summary')).toContainText('vào bằng PIN');
  await expect(page.getByRole('heading', { name: 'Hộp thư' })).toBeVisible();
  await expect(page.getByText('hoa đã nhận bàn.')).toBeVisible();
  await hoa.context().close();
});

test('a second factor is scanned, confirmed, asked for at the door, and a paper code opens it once', async ({ sit, page, commune }, info) => {
  await sit('khach');
  await page.locator('header summary').click();
  await page.getByRole('link', { name: 'Tài khoản của tôi' }).click();
  await look(page, 'account', info.project.name);
  await fair(page);
  await page.getByText('Bật xác thực hai lớp').click();
  await page.getByLabel('Mật khẩu của bạn').last().fill(commune.at.password);
  await page.getByRole('button', { name: 'Tiếp tục' }).click();
  await expect(page.getByRole('img', { name: 'Mã QR' })).toBeVisible();
  const secret = (await page.locator('code').innerText()).replaceAll(' ', '');
  await look(page, 'second-factor', info.project.name);
  await fair(page);
  const now = await stationTime(page);
  await page.getByLabel('6 số trên điện thoại').fill(shown(secret, now - 30));
  await page.getByRole('button', { name: 'Bật', exact: true }).click();
  const paper = page.locator('.paper code');
  await expect(paper).toHaveCount(8);
  const codes = await paper.allInnerTexts();
  await look(page, 'second-factor-paper', info.project.name);
  await fair(page);
  await page.getByRole('button', { name: 'Đã cất' }).click();
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Đăng xuất', exact: true }).click();

  await enter(page, 'khach', commune.at.password);
  await expect(page.getByLabel('Mã xác thực')).toBeVisible();
  await look(page, 'sign-in-code', info.project.name);
  await fair(page);
  await page.getByLabel('Mã xác thực').fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await expect(page.getByRole('navigation', { name: 'Các trang' })).toBeVisible();
  await goTo(page, 'account');
  await expect(page.getByText('Còn 7 mã dự phòng')).toBeVisible();
});

test('a browser that trusts the box once has a secure desk, by name too, and a microphone', async ({ commune, page }, info) => {
  const { protocol, port } = new URL(commune.at.desk);
  expect(protocol).toBe('https:');
  await page.goto(`${commune.at.desk}/trust`);
  await expect(page.getByRole('heading', { name: 'Điện thoại Android' })).toBeVisible();
  await expect(page.getByRole('link', { name: /^https:/ }).first()).toBeVisible();
  await expect(page.getByRole('img', { name: /QR/ })).toHaveJSProperty('complete', true);
  await look(page, 'trust', info.project.name);
  await fair(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Tải chứng chỉ của trạm' }).click()]);
  const home = mkdtempSync(join(tmpdir(), 'trusting-'));
  try {
    const certificate = join(home, 'truyen-thanh-xa.crt');
    await download.saveAs(certificate);
    const told = execFileSync('openssl', ['x509', '-inform', 'DER', '-in', certificate, '-noout', '-fingerprint', '-sha256']).toString();
    await expect(page.locator('.print')).toHaveText(told.trim().split('=')[1] ?? '');

    const name = `${hostname().split('.')[0]?.toLowerCase()}.local`;
    const visit = async (): Promise<BrowserContext> => chromium.launchPersistentContext(mkdtempSync(join(home, 'profile-')), {
      executablePath: '/usr/bin/chromium',
      ignoreHTTPSErrors: false,
      permissions: ['microphone'],
      env: { ...process.env, HOME: home } as Record<string, string>,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--host-resolver-rules=MAP ${name} 127.0.0.1`],
    });
    const stranger = await visit();
    await expect(stranger.newPage().then((one) => one.goto(`https://${name}:${port}/`))).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
    await stranger.close();

    const store = join(home, '.pki/nssdb');
    mkdirSync(store, { recursive: true });
    execFileSync('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    execFileSync('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'station', '-i', certificate]);
    const trusting = await visit();
    const desk = await trusting.newPage();
    for (const address of [`https://${name}:${port}/`, `https://127.0.0.1:${port}/`]) {
      await desk.goto(address);
      await expect(desk.getByRole('heading', { name: 'Bàn điều khiển' })).toBeVisible();
      expect(await desk.evaluate(() => window.isSecureContext)).toBe(true);
      const tracks = await desk.evaluate(async () => (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks().length);
      expect(tracks).toBe(1);
    }
    await trusting.close();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
