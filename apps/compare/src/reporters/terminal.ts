/** The comparison on a terminal: per input one table with a column a strategy, and the verdict. */
import { plain } from '@forklab/core';
import Table from 'cli-table3';
import pico from 'picocolors';
import { assumptionsOf } from '../assumptions.js';
import type { InputResult, StrategyResult } from '../document.js';
import { formatFactor, formatValue } from '../format.js';
import { ROW_GROUPS, ROW_KEYS, type RowGroup, type RowKey, rowDoc } from '../row-docs.js';
import { baselineOf } from '../verdict.js';

export interface TerminalOptions {
  readonly colour: boolean;
  /** Characters in a line. */
  readonly columns: number;
  /** Every row, not the most telling ones alone. */
  readonly all: boolean;
}

type Colours = ReturnType<typeof pico.createColors>;

/** Names come from traces that anybody may have written: nothing in them may drive the terminal. */
const safe = (text: string): string => plain(text, 8000);

/** Folds a paragraph at `width`. */
export const fold = (text: string, width: number): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
};

/** How a time or a size stands to the baseline: `÷38`, `×2.1`, nothing when alike. */
const against = (key: RowKey, column: StrategyResult, base: StrategyResult): string => {
  const [value, reference] = [column.rows[key], base.rows[key]];
  if (rowDoc(key).unit === 'count' || column === base || value <= 0 || reference <= 0) return '';
  if (value / reference >= 1.05) return ` ×${formatFactor(value / reference)}`;
  return reference / value >= 1.05 ? ` ÷${formatFactor(reference / value)}` : '';
};

const cellOf = (key: RowKey, column: StrategyResult, base: StrategyResult, c: Colours): string => {
  const text = formatValue(rowDoc(key).unit, column.rows[key]);
  const ratio = against(key, column, base);
  if (key === 'violations' && column.rows[key] > 0) return c.red(text);
  if (ratio === '') return text;
  return `${text}${ratio.startsWith(' ÷') ? c.green(ratio) : c.red(ratio)}`;
};

const shown = (input: InputResult, all: boolean): readonly RowKey[] =>
  ROW_KEYS.filter((key) => {
    const { short } = rowDoc(key);
    if (key === 'violations') return true;
    // A row of zeros tells nothing here; the files of the report keep it.
    return (all || short === true) && input.strategies.some(({ rows }) => rows[key] !== 0);
  });

const tableOf = (input: InputResult, options: TerminalOptions, c: Colours): string => {
  const table = new Table({
    head: ['', ...input.strategies.map(({ label }) => c.bold(safe(label)))],
    colAligns: ['left', ...input.strategies.map(() => 'right' as const)],
    // Colours are ours alone, so that NO_COLOR has one place to be obeyed in.
    style: { head: [], border: [], compact: true },
  });
  const base = baselineOf(input.strategies);
  let group: RowGroup | null = null;
  for (const key of shown(input, options.all)) {
    const doc = rowDoc(key);
    if (doc.group !== group) {
      group = doc.group;
      table.push([c.dim(ROW_GROUPS[group]), ...input.strategies.map(() => '')]);
    }
    table.push([`  ${doc.label}`, ...input.strategies.map((column) => cellOf(key, column, base, c))]);
  }
  return table.toString();
};

/** One input: title, table, verdict. Ends with a line end. */
export const renderInput = (input: InputResult, options: TerminalOptions): string => {
  const c = pico.createColors(options.colour);
  const width = Math.min(options.columns, 120);
  const title = input.description ? `${input.name}: ${input.description}` : input.name;
  const assumed = assumptionsOf(input);
  const said = assumed === '' ? '' : `${c.dim(fold(safe(assumed), width))}\n`;
  const head = `${c.bold(fold(safe(title), width))}\n${said}`;
  return `\n${head}${tableOf(input, options, c)}\n${fold(safe(input.verdict), width)}\n`;
};
