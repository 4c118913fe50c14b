import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { isForklabError } from '@forklab/core';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../src/document.js';
import { formatFactor, formatKb, formatNs, formatShare } from '../src/format.js';
import { renderCsv } from '../src/reporters/csv.js';
import { readTemplate, renderHtml } from '../src/reporters/html.js';
import { renderJson } from '../src/reporters/json.js';
import { renderMarkdown } from '../src/reporters/markdown.js';
import { renderInput } from '../src/reporters/terminal.js';
import { ROW_KEYS } from '../src/row-docs.js';
import { scratch } from './support/cli.js';
import { compared, planOf } from './support/comparison.js';

const { comparison } = compared(await planOf());

/** The same comparison of an input with a name chosen to break whatever it is put into. */
const named = (name: string): Comparison => ({
  ...comparison,
  inputs: comparison.inputs.map((input) => ({ ...input, name, description: name })),
});

describe('numbers', () => {
  test.each([
    [0, '0 ns'],
    [0.25, '0.25 ns'],
    [999.4, '999 ns'],
    [999.6, '1 µs'],
    [1234.5, '1.23 µs'],
    [20_600_000, '20.6 ms'],
    [2e12, '2000 s'],
  ])('%d ns is %s', (ns, text) => expect(formatNs(ns)).toBe(text));

  test('kB, factors and shares', () => {
    expect(formatKb(1048576)).toBe('1,048,576 kB');
    expect([1.26, 9.96, 38.4, 2149].map(formatFactor)).toEqual(['1.3', '10', '38', '2,150']);
    expect([0.0024, 0.5, 0.988].map(formatShare)).toEqual(['0.24 %', '50 %', '99 %']);
  });
});

describe('terminal', () => {
  const plain = { colour: false, columns: 100, all: false };

  test('a table with a column a strategy, ratios against classic, and the verdict', () => {
    const text = renderInput(comparison.inputs[0]!, plain);
    expect(text).toMatch(/│ +classic │ +cow-pte │/);
    expect(text).toMatch(/fork, median +│ +[\d.]+ µs │ +[\d.]+ µs ÷/);
    expect(text).toMatch(/violations +│ +0 │ +0 │/);
    expect(text.replace(/\s+/g, ' ')).toContain(comparison.inputs[0]!.verdict);
    expect(stripVTControlCharacters(text)).toBe(text);
  });

  test('colours change nothing but colours', () => {
    const coloured = renderInput(comparison.inputs[0]!, { ...plain, colour: true });
    expect(coloured).not.toBe(stripVTControlCharacters(coloured));
    expect(stripVTControlCharacters(coloured)).toBe(renderInput(comparison.inputs[0]!, plain));
  });

  test('a name cannot drive the terminal', () => {
    const text = renderInput(named('a\u001b[2Jb\u202ec').inputs[0]!, plain);
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
  });

  test('--all shows more rows', () => {
    expect(renderInput(comparison.inputs[0]!, { ...plain, all: true })).toContain('fork per page');
    expect(renderInput(comparison.inputs[0]!, plain)).not.toContain('fork per page');
  });
});

describe('files', () => {
  test('CSV: a line for every row of every column, quoted, and no formulas', () => {
    const lines = renderCsv(named('=SUM("a,b")')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1 + 2 * ROW_KEYS.length);
    expect(lines[0]).toBe('input,strategy,row,unit,value');
    expect(lines[1]).toBe(`"'=SUM(""a,b"")",classic,forks,count,1`);
  });

  test('JSON: one line that reads back as the document', () => {
    const text = renderJson(comparison);
    expect(text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(text)).toEqual(comparison);
  });

  test('Markdown: names are text, never markup', () => {
    const text = renderMarkdown(named('<img src=x> [a](javascript:b) | c\n# d'));
    expect(text).not.toMatch(/(?<!\\)<img/);
    expect(text).not.toMatch(/(?<!\\)\]\(/);
    expect(text).not.toMatch(/^# d/m);
    expect(renderMarkdown(comparison)).toContain('| violations | 0 | 0 |');
  });

  test('Markdown: every table row has as many cells as its head', () => {
    let cells = 0;
    for (const line of renderMarkdown(comparison).split('\n')) {
      if (!line.startsWith('|')) {
        cells = 0;
        continue;
      }
      const count = line.split(/(?<!\\)\|/).length;
      if (cells === 0) cells = count;
      expect(count, line).toBe(cells);
    }
  });
});

describe('HTML', () => {
  const PAGE = '<p></p><script type="application/json" id="forklab-data">x</script><script type="module">1</script>';
  const dataIn = (html: string): string => html.split('id="forklab-data">')[1]!.split('</script>')[0]!;

  test('the data arrives whole, whatever stands in it', () => {
    const nasty = named('</script><script>alert(1)</script> $& $1 $` \u2028 <!--');
    const html = renderHtml(nasty, PAGE);
    expect(JSON.parse(dataIn(html))).toEqual(nasty);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.endsWith('<script type="module">1</script>')).toBe(true);
  });

  test.each([
    ['<p>no place</p>', 'FL5003'],
    [`${PAGE}${PAGE}`, 'FL5003'],
    [null, 'FL5002'],
  ])('a page that does not fit: %#', (text, code) => {
    const path = join(scratch(), 'report.html');
    if (text !== null) writeFileSync(path, text);
    try {
      readTemplate(path);
    } catch (error) {
      if (isForklabError(error)) return expect(error.code).toBe(code);
    }
    throw new Error('it was accepted');
  });
});
