/** A price list as Markdown: the table of the reference page, and of any report that wants to show its prices. */

import { WORKS } from '@forklab/core';
import type { PriceList } from './price-list.js';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** One row a kind of work, in the order of `WORKS`; nanoseconds. */
export const priceTable = (list: PriceList): string => {
  const rows = WORKS.map((work) => {
    const { ns, low, high, unit, kind, source } = list.prices[work];
    return `| \`${work}\` | ${ns} | ${low} to ${high} | ${cell(unit)} | ${kind} | ${cell(source)} |`;
  });
  return ['| work | price | range | unit | kind | source |', '|---|---:|---|---|---|---|', ...rows].join('\n');
};
