import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTENTION_PRICES, hostVm, PRICE_KIND_DOCS, PRICE_LISTS, priceTable, priceWork } from '../src/index.js';

const PAGE = new URL('../../../docs/reference/prices.md', import.meta.url);
let page = readFileSync(PAGE, 'utf8');

/** With FORKLAB_WRITE_DOCS=1 in the environment, the tables are written instead of held against the lists. */
if (process.env.FORKLAB_WRITE_DOCS) {
  for (const list of PRICE_LISTS) {
    const mark = `<!-- prices of ${list.name} -->\n`;
    const from = page.indexOf(mark) + mark.length;
    const to = page.indexOf('<!-- end of prices -->', from);
    page = `${page.slice(0, from)}${priceTable(list)}\n${page.slice(to)}`;
  }
  writeFileSync(PAGE, page);
}

/** Rows of cells. The formatter pads the columns of tables, so only what is in a cell counts. */
const cells = (table: string): string[] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.replace(/ *(?<!\\)\| */g, '|').replace(/-{3,}/g, '---'));

/** What stands between the two marks of a list. */
const tableOf = (name: string): string => {
  const [, after = ''] = page.split(`<!-- prices of ${name} -->\n`);
  return after.split('<!-- end of prices -->')[0] ?? '';
};

describe('docs/reference/prices.md', () => {
  it('shows every price of every shipped list as it is', () => {
    for (const list of PRICE_LISTS) expect(cells(tableOf(list.name))).toEqual(cells(priceTable(list)));
  });

  it('shows what processors cost each other', () => {
    const [, after = ''] = page.split('<!-- contention prices -->\n');
    const shown = cells(after.split('<!-- end of prices -->')[0] ?? '');
    const rows = Object.entries(CONTENTION_PRICES).map(
      ([name, { ns, low, high, unit, kind, source }]) =>
        `|\`${name}\`|${ns}|${low} to ${high}|${unit}|${kind}|${source}|`,
    );
    expect(shown.slice(2)).toEqual(rows);
  });

  it('explains every kind of price and names the host', () => {
    const lines = cells(page);
    for (const [kind, says] of Object.entries(PRICE_KIND_DOCS)) expect(lines).toContain(`|${kind}|${says}|`);
    for (const { host, about } of PRICE_LISTS)
      expect([page.includes(host), page.includes(about)]).toEqual([true, true]);
  });

  it('shows the fork of 1 GiB as the prices make it', () => {
    const fork = { forks: 1, vmasDuplicated: 1, tablesAllocated: 514, tablesCopied: 512, ptesCopied: 262_144 };
    expect(page).toContain(`${(priceWork(fork, hostVm).ns / 1e6).toFixed(1)} ms`);
  });

  it('escapes what would break a table', () => {
    const prices = { ...hostVm.prices, ooms: { ...hostVm.prices.ooms, source: 'a | b\nc' } };
    expect(
      priceTable({ ...hostVm, prices })
        .split('\n')
        .at(-1),
    ).toMatch(/\| a \\\| b c \|$/);
  });
});
