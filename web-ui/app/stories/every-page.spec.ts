// Every page of the desk, whoever may see it, is whole on a phone and on a PC: a new page cannot be forgotten.

import { PAGES } from '../src/pages';
import { expect, fair, goTo, look, test } from './stage';

const sees = { look: 'lan', air: 'lan', compose: 'lan', approve: 'hoa', devices: 'minh', people: 'hoa' } as const;

for (const { name, right } of PAGES) {
  test(`the page ${name} is whole, and is left and found again by the keyboard`, async ({ sit, page }, info) => {
    await sit(sees[right]);
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (said) => { if (said.type() === 'error') wrong.push(said.text()); });
    await goTo(page, name);
    await expect(page.locator('#main').getByRole('heading').first()).toBeVisible();
    await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
    await fair(page);
    await look(page, `page-${name}`, info.project.name);
    // The first thing the keyboard reaches leads past everything to the page.
    await page.locator('body').focus();
    await page.keyboard.press('Tab');
    await expect(page.locator('a.skip')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('#main')).toBeFocused();
    // A browser that was not told to trust the station keeps none of its files, and says so.
    expect(wrong.filter((one) => !one.startsWith('An SSL certificate error'))).toEqual([]);
  });
}

test('at 200 % the desk of a PC is as whole as on a phone', async ({ sit, page }, info) => {
  test.skip(info.project.name === 'phone', 'a phone is narrower than that');
  await page.setViewportSize({ width: 640, height: 400 });
  await sit('hoa');
  for (const { name, right } of PAGES) {
    if (right === 'devices') continue;
    await goTo(page, name);
    await expect(page.locator('#main').getByRole('heading').first()).toBeVisible();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, name).toBeLessThanOrEqual(0);
  }
});
