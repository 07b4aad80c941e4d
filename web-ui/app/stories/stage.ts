// The commune of the stories: one running station a worker, and what every story needs of it.

import { test as base, expect, type Browser, type Page } from '@playwright/test';
import axe from 'axe-core';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';

const PROGRAM = process.env.STORY_STAGE ?? '../../target/debug/story_stage';
const OUT = process.env.STORIES_OUT ?? '../../target/stories';

interface Where { desk: string; citizen: string; ops: string; data: string; recordings: string; timeline: string; log: string; password: string }

/** The commune: where it is, and what can be done to it from outside. */
export class Commune {
  private readonly waiting: ((line: string) => void)[] = [];
  private constructor(private readonly child: ChildProcessWithoutNullStreams, private readonly lines: Interface, public readonly at: Where) {
    lines.on('line', (line) => this.waiting.shift()?.(line));
  }

  /** A commune; a `fresh` one has nobody yet but the first user; `--network` is one whose network can be set. */
  static async up(fresh = false, more: string[] = []): Promise<Commune> {
    const child = spawn(PROGRAM, [...(fresh ? ['--fresh'] : []), ...more], { stdio: ['pipe', 'pipe', 'inherit'] as never }) as ChildProcessWithoutNullStreams;
    const lines = createInterface({ input: child.stdout });
    const first = await new Promise<string>((done, failed) => {
      lines.once('line', done);
      child.once('error', failed);
      child.once('exit', (code) => failed(new Error(`the commune ended with ${code} before it was there`)));
    });
    return new Commune(child, lines, JSON.parse(first) as Where);
  }

  /** Tells the commune something; what it answers. */
  async tell(line: Record<string, unknown>): Promise<Record<string, unknown>> {
    const answer = new Promise<string>((done) => this.waiting.push(done));
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
    const told = JSON.parse(await answer) as Record<string, unknown>;
    if ('error' in told) throw new Error(String(told.error));
    return told;
  }

  /** Publishes a message of the hub to the commune. */
  async publish(kind: string, body: Record<string, unknown>): Promise<string> {
    return String((await this.tell({ publish: kind, body })).jti);
  }

  async down(): Promise<void> {
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.stdin.end();
    await gone;
    this.lines.close();
  }
}

export const test = base.extend<{ sit: (name: string, language?: 'vi' | 'en') => Promise<Page> }, { commune: Commune }>({
  commune: [async ({}, use) => {
    const commune = await Commune.up();
    await use(commune);
    await commune.down();
  }, { scope: 'worker', timeout: 120_000 }],
  /** Signs in as `lan` or `tam` (officer), `hoa` (approver), `minh` (technician) or `khach` (viewer), and waits for the desk. */
  sit: async ({ page, commune }, use) => {
    await use(async (name, language) => {
      await enter(page, commune, name, language);
      return page;
    });
  },
});

export { expect };

/** Signs somebody in at the door of a commune's desk, and waits for the desk. */
export async function enter(page: Page, commune: Commune, name: string, language: 'vi' | 'en' = 'vi'): Promise<void> {
  const said = { vi: ['Tên đăng nhập', 'Mật khẩu', 'Đăng nhập', 'Các trang'], en: ['User name', 'Password', 'Sign in', 'Pages'] }[language];
  const [user = '', word = '', go = '', pages = ''] = said;
  await page.goto(commune.at.desk);
  await page.getByLabel(user).fill(name);
  await page.getByLabel(word).fill(commune.at.password);
  await page.getByRole('button', { name: go }).click();
  await expect(page.getByRole('navigation', { name: pages })).toBeVisible();
}

/** Somebody else at a desk of their own; close the page's context when done. */
export async function another(browser: Browser, commune: Commune, name: string): Promise<Page> {
  const { viewport, isMobile, hasTouch } = base.info().project.use;
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'vi-VN', viewport, isMobile, hasTouch });
  const page = await context.newPage();
  await enter(page, commune, name);
  return page;
}

/** Keeps the button of an emergency, or of a drill, pressed until it fires. */
export async function holdDown(page: Page, dialog: 'Phát khẩn cấp' | 'Diễn tập' = 'Phát khẩn cấp'): Promise<void> {
  const sheet = page.getByRole('dialog', { name: dialog });
  await sheet.locator('.hold').focus();
  await page.keyboard.down('Enter');
  await expect(sheet).toBeHidden();
  await page.keyboard.up('Enter');
}

/** Something that waits until it is opened. */
export function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => { open = done; });
  return { open: () => open(), opened };
}

/** Goes to a page of the desk. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.evaluate((to) => { location.hash = `#/${to}`; }, name);
}

/**
 * From now on this desk sees the station as `change` makes of what it says itself; to be called before somebody signs in.
 * `change` runs in the page and knows nothing but the view it is given.
 */
export async function pretend(page: Page, change: (view: Record<string, unknown>) => void): Promise<void> {
  await page.addInitScript({ content: `
    window.EventSource = class extends EventTarget {
      readyState = 1;
      constructor() { super(); void this.say(true); this.timer = setInterval(() => void this.say(false), 1500); }
      async say(first) {
        const answer = await fetch('/api/v1/air');
        if (!answer.ok) return;
        const view = await answer.json();
        (${change.toString()})(view);
        if (first) this.dispatchEvent(new Event('open'));
        this.dispatchEvent(new MessageEvent('air', { data: JSON.stringify(view) }));
      }
      close() { this.readyState = 2; clearInterval(this.timer); }
    };
    window.EventSource.CLOSED = 2;` });
}

/** Sends the station an order as the page would; the status and what it answered. */
export async function send(page: Page, method: string, path: string, body?: unknown): Promise<{ status: number; told: Record<string, unknown> }> {
  return page.evaluate(async ([how, where, what]) => {
    const answer = await fetch(where, { method: how, headers: { 'content-type': 'application/json' }, body: what });
    return { status: answer.status, told: (await answer.json()) as Record<string, unknown> };
  }, [method, path, body === undefined ? undefined : JSON.stringify(body)] as const);
}

/** Keeps a picture of what is seen, named after story and viewport. */
export async function look(page: Page, name: string, project: string): Promise<void> {
  mkdirSync(`${OUT}/shots`, { recursive: true });
  await page.screenshot({ path: `${OUT}/shots/${name}-${project}.png`, fullPage: true });
}

/** Everything WCAG 2.2 AA that a program can see is right on this page, and nothing sticks out sideways. */
export async function fair(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const faults = await page.evaluate(async () => {
    const found = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
  });
  expect(faults).toEqual([]);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wider).toBeLessThanOrEqual(0);
}
