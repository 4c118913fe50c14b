/** The comparison as Markdown, to be put under a patch. */
import { assumptionsOf } from '../assumptions.js';
import type { Comparison, InputResult } from '../document.js';
import { formatShare, formatValue } from '../format.js';
import { ROW_GROUPS, ROW_KEYS, type RowGroup, rowDoc } from '../row-docs.js';

/** Names come from traces: nothing in them may become markup, a link, or a new table cell. */
const plain = (text: string): string => text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, '\\$&').replace(/\s+/g, ' ');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const table = (input: InputResult): string => {
  const labels = input.strategies.map((column) => plain(column.label));
  let out = row(['', ...labels]) + row(['---', ...labels.map(() => '---:')]);
  for (const group of Object.keys(ROW_GROUPS) as RowGroup[]) {
    const keys = ROW_KEYS.filter((key) => rowDoc(key).group === group);
    const rows = keys.map((key) => ({ key, values: input.strategies.map((column) => column.rows[key]) }));
    // A row of zeroes says nothing, unless zero is the news: what is wrong is always listed.
    const told = rows.filter(({ values }) => group === 'wrong' || values.some((value) => value !== 0));
    if (told.length === 0) continue;
    out += row([`**${ROW_GROUPS[group]}**`, ...labels.map(() => '')]);
    for (const { key, values } of told) {
      const { label, unit } = rowDoc(key);
      out += row([plain(label), ...values.map((value) => formatValue(unit, value))]);
    }
  }
  return out;
};

const byWhy = (input: InputResult): string => {
  let out = '';
  for (const column of input.strategies) {
    for (const [key, causes] of Object.entries(column.byWhy)) {
      const parts = Object.entries(causes).map(([why, count]) => `${plain(why)} ${count}`);
      if (parts.length > 0) out += `- ${plain(column.label)}: ${plain(key)} by cause: ${parts.join(', ')}\n`;
    }
  }
  return out === '' ? '' : `\nTables by cause:\n\n${out}`;
};

const wrong = (input: InputResult): string => {
  let out = '';
  for (const column of input.strategies) {
    for (const v of column.violations) {
      out += `- ${plain(column.label)}: line ${v.step}: **${plain(v.invariant)}** ${plain(v.says)} ${plain(v.detail)}\n`;
    }
    for (const u of column.unmodelled)
      out += `- ${plain(column.label)}: not modelled: ${plain(u.site)}, ${u.count} times\n`;
  }
  return out === '' ? '' : `\nFindings:\n\n${out}`;
};

const breakEven = (input: InputResult): string => {
  const { points, layout } = input.breakEven;
  if (points.length === 0) return '';
  let out = '\nBreak-even, the share written after fork above which a strategy costs more than classic:\n\n';
  for (const point of points) {
    const share = point.share === null ? '' : ` (${formatShare(point.share)})`;
    out += `- ${plain(point.strategy)}, of ${point.of}${share}: ${plain(point.says)}\n`;
  }
  return layout ? `${out}\n${plain(layout.says)}\n` : out;
};

const prices = ({ prices: list }: Comparison): string => {
  let out = `\n## Prices: ${plain(list.name)}\n\n${plain(list.about)}\n\n`;
  out += row(['work', 'ns', 'range', 'unit', 'kind', 'source']) + row(['---', '---:', '---', '---', '---', '---']);
  for (const [work, price] of Object.entries(list.prices)) {
    if (price.ns === 0) continue;
    const range = `${price.low} to ${price.high}`;
    out += row([work, String(price.ns), range, plain(price.unit), price.kind, plain(price.source)]);
  }
  return out;
};

export const renderMarkdown = (comparison: Comparison): string => {
  let out = '# What would another fork() do?\n';
  for (const input of comparison.inputs) {
    out += `\n## ${plain(input.name)}\n\n`;
    if (input.description) out += `${plain(input.description)}\n\n`;
    const assumed = assumptionsOf(input);
    if (assumed !== '') out += `${plain(assumed)}\n\n`;
    out += `**${plain(input.verdict)}**\n\n${table(input)}`;
    out += `\n${plain(input.stability.says)}\n${breakEven(input)}${byWhy(input)}${wrong(input)}`;
  }
  const versions = Object.entries(comparison.versions).map(([name, version]) => `${plain(name)} ${plain(version)}`);
  out += `${prices(comparison)}\n---\n\nTime is counted work times prices; see the table above for what is measured and what`;
  out += ` is not.\nSeed ${comparison.seed}. Configuration ${comparison.configHash}. ${versions.join(', ')}.\n`;
  return `${out}Again: \`${comparison.replay.replaceAll('`', "'")}\`\n`;
};
