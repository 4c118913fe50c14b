import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../src/document.js';
import { readTemplate, renderHtml } from '../src/reporters/html.js';
import { HOSTILE, hostileComparison, sampleComparison } from './report-ui.fixture.js';

const SIZE_MAX = 900_000;
const BROWSER = process.env.FORKLAB_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const config = fileURLToPath(new URL('../report-ui/vite.config.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'forklab-report-ui-'));
const template = join(folder, 'report.html');

// Built here, into a folder of its own, so that the test needs no build before it and spoils none.
beforeAll(() => {
  const manifest = createRequire(import.meta.url).resolve('vite/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin: { readonly vite: string } };
  const vite = join(dirname(manifest), bin.vite);
  execFileSync(process.execPath, [vite, 'build', '--config', config, '--outDir', folder], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'pipe',
  });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the template', () => {
  it('stays below its size budget', () => {
    expect(statSync(template).size).toBeLessThan(SIZE_MAX);
  });

  it('has one place for the data', () => {
    expect(readFileSync(template, 'utf8').split('__FORKLAB_DATA__')).toHaveLength(2);
  });

  it('loads nothing, and forbids itself to', () => {
    const html = readFileSync(template, 'utf8');
    const tags = html.replace(/<(script|style)\b([^>]*)>[\s\S]*?<\/\1>/g, '<$1$2></$1>');
    expect(tags).not.toMatch(/\b(src|href)=/);
    expect(tags).toContain("default-src 'none'");
    expect(tags).toMatch(/script-src 'sha256-[\w+/=]{44}';/);
  });
});

describe.skipIf(!existsSync(BROWSER))(
  'the page in a browser (needs Chromium: set FORKLAB_CHROMIUM to its path)',
  () => {
    let context: BrowserContext;
    let page: Page;
    const trouble: string[] = [];

    const open = async (comparison: Comparison, name: string): Promise<void> => {
      const path = join(folder, `${name}.html`);
      writeFileSync(path, renderHtml(comparison, readTemplate(template)));
      await page.goto(pathToFileURL(path).href);
      await page.waitForSelector('.chart svg path', { state: 'attached' });
    };

    beforeAll(async () => {
      context = await chromium.launchPersistentContext(join(folder, 'profile'), {
        executablePath: BROWSER,
        headless: true,
        args: ['--headless', ...FLAGS],
        viewport: { width: 1280, height: 900 },
      });
      page = await context.newPage();
      // A loaded machine of two cores has been seen to need ten times what a quiet one does.
      page.setDefaultTimeout(60_000);
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) trouble.push(`request ${request.url()}`);
      });
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) trouble.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => trouble.push(`thrown: ${error.message}`));
    });

    afterAll(() => context.close());

    it('shows every strategy, measure and chart, and asks nobody for anything', async () => {
      const comparison = sampleComparison();
      await open(comparison, 'sample');
      const heads = await page.locator('table.rows thead .name').allTextContents();
      expect(heads).toEqual(['classic', 'cow-pte', 'ondemand-fork', 'mshare']);
      expect(await page.locator('table.rows tbody tr:not(.group)').count()).toBe(
        Object.keys(comparison.rowDocs).length,
      );
      expect(await page.locator('.verdict').textContent()).toContain('Sample: a fork is cheapest under cow-pte.');
      expect(await page.locator('.chart svg').count()).toBe(11);
      expect(await page.locator('footer').textContent()).toContain('0123456789abcdef');
      const forks = page.locator('table.rows tr', { hasText: /^fork, median/ });
      expect(await forks.locator('td.best').textContent()).toBe('best: 156\u202fµs÷61');
      expect(trouble).toEqual([]);
    });

    it('switches inputs, unfolds causes, explains rows and draws the log axis, by keyboard', async () => {
      await open(sampleComparison(), 'sample');
      await page.locator('button.choose', { hasText: 'sample-two' }).press('Enter');
      expect(await page.locator('h1').textContent()).toBe('sample-two');
      expect(new URL(page.url()).hash).toBe('#input-2');
      await page
        .locator('tr', { hasText: /^broken/ })
        .locator('button.unfold')
        .press('Enter');
      expect(await page.locator('tr.cause').allTextContents()).toEqual(['fault074740', 'dontneed0110']);
      await page.locator('button.term', { hasText: /^total$/ }).focus();
      expect(await page.locator('.help:visible').textContent()).toBe('The price of all work of the whole trace.');
      await page.keyboard.press('Escape');
      expect(await page.locator('.help:visible').count()).toBe(0);
      const bars = page.locator('figure', { has: page.locator('h3', { hasText: /^Fork$/ }) });
      const logarithmic = await bars.locator('svg').innerHTML();
      await bars.getByLabel('log scale').press('Space');
      await expect.poll(() => bars.locator('svg').innerHTML()).not.toBe(logarithmic);
      expect(trouble).toEqual([]);
    });

    it('takes a strategy out of all charts, and zooms the charts over the trace together', async () => {
      await open(sampleComparison(), 'sample');
      const bars = page.locator('figure', { has: page.locator('h3', { hasText: /^The bill$/ }) }).locator('svg');
      expect(await bars.textContent()).toContain('mshare');
      await page.locator('.switches').getByLabel('mshare').press('Space');
      await expect.poll(() => bars.textContent()).not.toContain('mshare');
      const over = (title: string) =>
        page.locator('figure', { has: page.locator('h3', { hasText: title }) }).locator('svg');
      const first = (title: string, label: RegExp) => over(title).locator('text', { hasText: label }).count();
      const titles = ['Table memory', 'Frame memory', 'Time over'];
      for (const title of titles) expect(await first(title, /^0$/)).toBe(1);
      await page.getByLabel('steps from').fill('300');
      await page.getByLabel('steps from').press('Enter');
      for (const title of titles) await expect.poll(() => first(title, /^300$/)).toBe(1);
      for (const title of titles) expect(await first(title, /^0$/)).toBe(0);
      expect(trouble).toEqual([]);
    });

    it('keeps hostile names text: in tables, charts, tooltips and links', async () => {
      await open(hostileComparison(), 'hostile');
      const { image, script, proto } = HOSTILE;
      expect(await page.locator('h1').textContent()).toBe(`input ${image}`);
      expect(await page.locator('table.rows thead .name').allTextContents()).toEqual(['classic', image, script, proto]);
      expect(await page.locator('.violations').textContent()).toContain(image);
      expect(await page.locator('details', { hasText: /^classic/ }).textContent()).toContain(image);
      expect(await page.locator('a[href^="javascript" i]').count()).toBe(0);
      for (const figure of await page.locator('.chart').all()) {
        await figure.scrollIntoViewIfNeeded();
        const box = (await figure.boundingBox())!;
        for (const share of [0.2, 0.5, 0.9]) {
          await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * share);
          await page.mouse.move(box.x + box.width * 0.31, box.y + box.height * share);
        }
      }
      expect(await page.locator('.tip-box', { hasText: image }).count()).toBeGreaterThan(0);
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.evaluate('window.harmed')).toBeUndefined();
      expect(trouble).toEqual([]);
    });

    it('fits a narrow window, in the dark, without scrolling sideways', async () => {
      await page.setViewportSize({ width: 400, height: 900 });
      await page.emulateMedia({ colorScheme: 'dark' });
      for (const [name, comparison] of [
        ['sample', sampleComparison()],
        ['hostile', hostileComparison()],
      ] as const) {
        await open(comparison, name);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
      }
      expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgb(20, 22, 24)');
      expect(trouble).toEqual([]);
    });

    it('says what is wrong with data that it cannot read', async () => {
      await page.goto(pathToFileURL(template).href);
      expect(await page.locator('main').textContent()).toContain('This page is the template of a report.');
      const broken = join(folder, 'broken.html');
      writeFileSync(broken, readFileSync(template, 'utf8').replace('__FORKLAB_DATA__', '{"forklab":'));
      await page.goto(pathToFileURL(broken).href);
      expect(await page.locator('main').textContent()).toContain('The data in this page is not JSON');
      expect(trouble).toEqual([]);
    });
  },
);
