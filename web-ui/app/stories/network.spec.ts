// The technician sets the network from a phone on a pole: a wrong password, a right one, an address, and a change that nobody
// confirms; and a box whose network is set elsewhere says so.

import { Commune, enter, expect, fair, goTo, look, test } from './stage';

test('a Wi-Fi is joined, an address tried, and nobody is shut out', async ({ page }, info) => {
  test.setTimeout(180_000);
  const commune = await Commune.up(false, ['--network']);
  try {
    await enter(page, commune, 'minh');
    await goTo(page, 'settings/network');
    const wifi = page.getByRole('region', { name: /Wi-Fi wlan0/ });
    const cable = page.getByRole('region', { name: /Mạng dây/ });
    await expect(wifi.getByText('Đang ở trong UBND xã, sóng 82 %')).toBeVisible();
    await expect(cable.getByText('192.168.1.20/24')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Đồng hồ' })).toBeVisible();
    await look(page, 'network', info.project.name);
    await fair(page);

    // A wrong password: the Wi-Fi before is back before one can be worried.
    const sheet = page.getByRole('dialog');
    const join = async (password: string) => {
      await wifi.getByRole('button', { name: 'Vào Wi-Fi…' }).click();
      await sheet.getByRole('radio', { name: /Nhà bên/ }).check();
      await sheet.getByLabel('Mật khẩu Wi-Fi (8 đến 63 ký tự)').fill(password);
    };
    await join('ngan');
    await expect(sheet.getByRole('radio', { name: /Trường học/ })).toBeDisabled();
    await sheet.getByRole('button', { name: 'Thử', exact: true }).click();
    await expect(sheet.getByText('Mật khẩu Wi-Fi (password) dài từ 8 đến 63 ký tự.')).toBeVisible();
    await look(page, 'network-join', info.project.name);
    await fair(page);
    await sheet.getByLabel('Mật khẩu Wi-Fi (8 đến 63 ký tự)').fill('mat-khau-sai');
    await sheet.getByRole('button', { name: 'Thử', exact: true }).click();
    await expect(page.getByText('Sai mật khẩu, hoặc bộ phát không cho máy này vào.')).toBeVisible({ timeout: 20_000 });
    await expect(wifi.getByText(/Đang ở trong UBND xã/)).toBeVisible();

    await join('mat-khau-dung');
    await sheet.getByRole('button', { name: 'Thử', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Bạn vẫn vào được trang này chứ?' })).toBeVisible({ timeout: 15_000 });
    await expect(page.getByText(/Còn \d+ giây/)).toBeVisible();
    await look(page, 'network-still-here', info.project.name);
    await fair(page);
    await page.getByRole('button', { name: 'Vẫn vào được: giữ mạng mới' }).click();
    await expect(page.getByText('Mạng mới của wlan0 đã được giữ.')).toBeVisible();
    await expect(wifi.getByText(/Đang ở trong Nhà bên/)).toBeVisible();

    // An address whose way out lies elsewhere is refused; a good one is tried, and taken back by hand.
    await cable.getByRole('button', { name: 'Đổi địa chỉ…' }).click();
    await sheet.getByLabel('Địa chỉ (IPv4)').fill('192.168.1.44');
    await sheet.getByLabel('Cổng ra (có thể để trống)').fill('192.168.2.1');
    await sheet.getByRole('button', { name: 'Thử', exact: true }).click();
    await expect(sheet.getByText(/không nằm trong mạng/)).toBeVisible();
    await look(page, 'network-address', info.project.name);
    await fair(page);
    await sheet.getByLabel('Cổng ra (có thể để trống)').fill('192.168.1.1');
    await sheet.getByRole('button', { name: 'Thử', exact: true }).click();
    await expect(page.getByRole('link', { name: /https:\/\/192\.168\.1\.44:\d+\// })).toBeVisible();
    await page.getByRole('button', { name: 'Trở lại mạng cũ' }).click();
    await expect(page.getByText('Đã trở lại mạng cũ của eth0.')).toBeVisible();
    await expect(cable.getByText('192.168.1.20/24')).toBeVisible({ timeout: 10_000 });

    // Nobody confirms: it returns by itself, and the page says so.
    await page.getByRole('button', { name: 'Đổi điểm truy cập (APN)…' }).click();
    await sheet.getByLabel('Điểm truy cập (APN)').fill('v-internet');
    await sheet.getByRole('button', { name: 'Thử', exact: true }).click();
    await expect(page.getByText('Điểm truy cập (APN): v-internet.')).toBeVisible({ timeout: 15_000 });
    await expect(page.getByText(/nên mạng cũ đã tự trở lại/)).toBeVisible({ timeout: 45_000 });
    await expect(page.getByText('Điểm truy cập (APN): m-wap.')).toBeVisible({ timeout: 10_000 });
    await look(page, 'network-went-back', info.project.name);
    await fair(page);

    await page.getByRole('button', { name: 'Quên Wi-Fi UBND xã' }).click();
    await expect(page.getByRole('button', { name: 'Quên Wi-Fi UBND xã' })).toBeHidden();
    await expect(wifi.getByText(/Đang ở trong Nhà bên/)).toBeVisible();
  } finally {
    await commune.down();
  }
});

test('a box whose network is set elsewhere says so', async ({ sit, page }, info) => {
  await sit('minh');
  await goTo(page, 'settings/network');
  await expect(page.getByText(/Mạng của máy này không đặt ở đây/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Vào Wi-Fi…' })).toBeHidden();
  await look(page, 'network-elsewhere', info.project.name);
  await fair(page);
});
