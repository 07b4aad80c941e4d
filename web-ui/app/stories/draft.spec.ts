// A draft under slow answers: whatever is typed meanwhile stands, and so does what somebody else wrote.

import { another, expect, gate, goTo, test } from './stage';
import type { Page } from '@playwright/test';

const words = (page: Page) => page.getByLabel('Lời bằng tiếng Việt');
const title = (page: Page) => page.getByLabel('Tên bản tin');

async function begin(page: Page, name: string, text: string): Promise<void> {
  await goTo(page, 'compose/new');
  await title(page).fill(name);
  await words(page).fill(text);
  await expect(page).toHaveURL(/#\/compose\/[0-9a-f]{16}$/);
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
}

test('what is typed while the station answers stands, beside what somebody else wrote', async ({ sit, page, browser, commune }, info) => {
  await sit('lan');
  await begin(page, `Chậm ${info.project.name}`, 'Câu một.');
  const hoa = await another(browser, commune, 'hoa');
  await hoa.goto(page.url());
  await expect(words(hoa)).toHaveValue('Câu một.');

  // What Lan keeps arrives after what Hoa kept, and what Lan is then told of Hoa's arrives late too.
  const [sending, sent, asking, answered] = [gate(), gate(), gate(), gate()];
  let overtaken = false;
  await page.route(/\/api\/v1\/drafts\/[0-9a-f]{16}$/, async (route) => {
    const method = route.request().method();
    if (method === 'PUT') {
      sending.open();
      await sent.opened;
    } else if (method === 'GET' && overtaken) {
      asking.open();
      await answered.opened;
    }
    await route.continue();
  });
  await words(page).fill('Câu một. Câu hai.');
  await sending.opened;
  const theirs = `Chậm ${info.project.name} của Hoa`;
  await Promise.all([hoa.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok()), title(hoa).fill(theirs)]);
  await words(page).fill('Câu một. Câu hai. Câu ba.');
  overtaken = true;
  sent.open();
  await asking.opened;
  await words(page).fill('Câu một. Câu hai. Câu ba. Câu bốn.');
  answered.open();

  await expect(title(page)).toHaveValue(theirs);
  await expect(words(page)).toHaveValue('Câu một. Câu hai. Câu ba. Câu bốn.');
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await expect(words(hoa)).toHaveValue('Câu một. Câu hai. Câu ba. Câu bốn.');
  // They wrote in different places: nobody is asked anything.
  await expect(page.getByText('Hai người sửa khác nhau')).toBeHidden();
  await hoa.context().close();
});

test('a browser that holds nothing sends its draft all the same, and says where it is when it cannot', async ({ sit, page }, info) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => { throw new DOMException('no room', 'QuotaExceededError'); };
  });
  await sit('lan');
  await begin(page, `Đầy ${info.project.name}`, 'Trình duyệt hết chỗ.');
  await page.route('**/api/v1/drafts/*', (route) => route.abort());
  await words(page).fill('Trình duyệt hết chỗ, mạng cũng mất.');
  await expect(page.getByText('đừng đóng trang này')).toBeVisible();
  await page.unrouteAll();
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await page.reload();
  await expect(words(page)).toHaveValue('Trình duyệt hết chỗ, mạng cũng mất.');
});

test('a draft that was left before the station had it is found on this machine, and sent when it is opened', async ({ sit, page }, info) => {
  await sit('lan');
  const name = `Rời ${info.project.name}`;
  await begin(page, name, 'Viết khi còn mạng.');
  const address = page.url();
  await page.route('**/api/v1/drafts/*', (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue()));
  await words(page).fill('Viết khi mất mạng.');
  await expect(page.getByText('đang giữ trên máy này')).toBeVisible();
  await goTo(page, 'compose');
  const stray = page.getByText('Có một bản thảo trên máy này chưa gửi được về trạm.');
  await expect(stray).toBeVisible();
  await page.unrouteAll();
  await stray.getByRole('link', { name: 'Mở ra' }).click();
  await expect(page).toHaveURL(address);
  await expect(words(page)).toHaveValue('Viết khi mất mạng.');
  await expect(page.getByText('Trạm đã giữ')).toBeVisible();
  await goTo(page, 'compose');
  await expect(page.getByRole('link', { name })).toBeVisible();
  await expect(stray).toBeHidden();
});
