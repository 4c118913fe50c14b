/** The comparison as CSV: one line an input, strategy and row, so that any tool can pivot it. RFC 4180. */
import type { Comparison } from '../document.js';
import { ROW_KEYS, rowDoc } from '../row-docs.js';

/** A leading =, +, - or @ would be a formula to a spreadsheet; names come from traces that anybody may have written. */
const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const line = (cells: readonly (string | number)[]): string => `${cells.map(cell).join(',')}\r\n`;

export const renderCsv = (comparison: Comparison): string => {
  let out = line(['input', 'strategy', 'row', 'unit', 'value']);
  for (const input of comparison.inputs) {
    for (const column of input.strategies) {
      for (const key of ROW_KEYS) out += line([input.name, column.label, key, rowDoc(key).unit, column.rows[key]]);
    }
  }
  return out;
};
