// Every page of the desk, whoever may see it, is whole on a phone and on a PC: a new page cannot be forgotten.

import { PAGES } from '../src/pages';
import { expect, fair, goTo, look, test } from './stage';
import words from '../locales/vi/shell.json' with { type: 'json' };

const sees = { look: 'lan', air: 'lan', compose: 'lan', approve: 'hoa', devices: 'minh', people: 'hoa' } as const;

for (const { name, right } of PAGES) {
  test(`the page ${name} is whole, and is left and found again by the keyboard`, async ({ sit, page }, info) => {
    await sit(sees[right]);
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (said) => { if (said.type() === 'error') wrong.push(said.text()); });
    // From elsewhere: who changes the page is taken to its heading, and the window says which it is.
    const taken = () => expect.poll(() => page.evaluate(() => document.getElementById('main')?.contains(document.activeElement))).toBe(true);
    if (name === 'home') {
      await goTo(page, 'account');
      await taken();
    }
    await goTo(page, name);
    const title = (words.page as Record<string, string>)[name];
    expect(title, `${name} has a title`).toBeTruthy();
    await expect(page).toHaveTitle(new RegExp(`^${title} – `));
    await expect(page.locator('#main').getByRole('heading').first()).toBeVisible();
    await taken();
    await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
    await fair(page);
    await look(page, `page-${name}`, info.project.name);
    // The first thing the keyboard reaches leads past everything to the page.
    await page.reload();
    await expect(page.locator('#main').getByRole('heading').first()).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.locator('a.skip')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('#main')).toBeFocused();
    // A browser that was not told to trust the station keeps none of its files, and says so.
    expect(wrong.filter((one) => !one.startsWith('An SSL certificate error'))).toEqual([]);
  });
}

test('every page is whole in English too', async ({ sit, page }, info) => {
  test.setTimeout(180_000);
  await page.addInitScript(() => { localStorage.setItem('desk.language', JSON.stringify('en')); });
  for (const who of ['hoa', 'minh'] as const) {
    await page.context().clearCookies();
    await page.goto('about:blank');
    await sit(who, 'en');
    for (const { name, right } of PAGES.filter((one) => (who === 'minh') === (one.right === 'devices'))) {
      await goTo(page, name);
      await expect(page.locator('#main').getByRole('heading').first(), `${name} needs ${right}`).toBeVisible();
      await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
      await fair(page);
      if (name === 'home' || name === 'programme') await look(page, `english-${name}`, info.project.name);
    }
  }
});

test('at 200 % the desk of a PC is as whole as on a phone', async ({ sit, page }, info) => {
  test.skip(info.project.name === 'phone', 'a phone is narrower than that');
  await page.setViewportSize({ width: 640, height: 400 });
  for (const who of ['hoa', 'minh'] as const) {
    await page.context().clearCookies();
    await page.goto('about:blank');
    await sit(who);
    for (const { name } of PAGES.filter((one) => (who === 'minh') === (one.right === 'devices'))) {
      await goTo(page, name);
      await expect(page.locator('#main').getByRole('heading').first()).toBeVisible();
      await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => undefined);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wider, name).toBeLessThanOrEqual(0);
    }
  }
});
