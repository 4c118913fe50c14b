import { ForklabError } from '@forklab/core';
import { describe, expect, test } from 'vitest';
import { parseArgs, wholeNumber } from '../src/args.js';
import { parseStrategies, parseStrategy } from '../src/spec.js';

const DEF = {
  'INPUT…': { type: 'positional' },
  strategy: { type: 'string', valueHint: 'NAME' },
  check: { type: 'boolean' },
} as const;

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ForklabError) return error.code;
    throw error;
  }
  return 'no error';
};

const parse = (...raw: string[]) => parseArgs('compare', DEF, raw);

describe('parseArgs', () => {
  test('reads options in both forms, repeated, between arguments, and what follows --', () => {
    const args = parse(
      'a.jsonl',
      '--strategy',
      'classic',
      '--strategy=cow-pte:x=1',
      '--check',
      'b.jsonl',
      '--',
      '--check',
    );
    expect(args.all('strategy')).toEqual(['classic', 'cow-pte:x=1']);
    expect(args.one('strategy')).toBe('cow-pte:x=1');
    expect(args.positionals).toEqual(['a.jsonl', 'b.jsonl']);
    expect(args.has('check')).toBe(true);
    expect(args.rest).toEqual(['--check']);
  });

  test('a dash alone is a value: standard output', () => {
    expect(parse('--strategy', '-').one('strategy')).toBe('-');
  });

  test.each([
    [['--stratgy', 'x'], 'FL1002'],
    [['-x'], 'FL1002'],
    [['--constructor'], 'FL1002'],
    [['--strategy'], 'FL1003'],
    [['--strategy', '--check'], 'FL1003'],
    [['--check=yes'], 'FL1003'],
  ])('%j is refused with %s', (raw, code) => {
    expect(codeOf(() => parse(...raw))).toBe(code);
  });

  test('the nearest option is offered', () => {
    expect(() => parse('--stratgy', 'x')).toThrow(/write --strategy if/);
  });

  test('an argument too many is refused', () => {
    expect(codeOf(() => parseArgs('dump', { TRACE: { type: 'positional' } }, ['a', 'b']))).toBe('FL1004');
  });

  test('numbers are whole and in range', () => {
    expect(wholeNumber('--seed', '7', 0, 9)).toBe(7);
    for (const text of ['-1', '1.5', '10', '', '0x1', '1e3']) {
      expect(codeOf(() => wholeNumber('--seed', text, 0, 9))).toBe('FL1003');
    }
  });
});

describe('strategies on the command line', () => {
  test('a name, options with types, a composition', () => {
    expect(parseStrategy('classic')).toBe('classic');
    expect(parseStrategy('cow-pte:variant=v1-code,depth=2,on=true')).toEqual([
      'cow-pte',
      { variant: 'v1-code', depth: 2, on: true },
    ]);
    expect(parseStrategy('mshare+cow-pte:x=1')).toEqual(['mshare', ['cow-pte', { x: 1 }]]);
  });

  test('a list keeps the commas of options with their strategy', () => {
    expect(parseStrategies('classic,cow-pte:variant=v1,foo=1,c+d')).toEqual([
      'classic',
      ['cow-pte', { variant: 'v1', foo: 1 }],
      ['c', 'd'],
    ]);
  });

  test.each(['', ':a=1', 'cow-pte:', 'cow-pte:variant', 'a++b'])('%j is refused', (text) => {
    expect(codeOf(() => parseStrategy(text))).toBe('FL1003');
  });
});
