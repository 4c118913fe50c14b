/** Strategies as written on a command line: `cow-pte`, `cow-pte:variant=v1-code,foo=1`, `mshare+cow-pte`, `./mine.ts`. */
import { ForklabError } from '@forklab/core';
import type { OneStrategy, StrategyEntry, StrategyOptions } from './config-schema.js';

/** `true`, `false` and numbers are read as such. */
export const optionValue = (text: string): unknown => {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
};

const optionsOf = (whole: string, text: string): StrategyOptions => {
  const pairs = text.split(',').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) {
      throw new ForklabError('FL1003', { option: '--strategy', arrived: whole, expected: 'NAME:key=value,key=value' });
    }
    return [pair.slice(0, equals), optionValue(pair.slice(equals + 1))] as const;
  });
  return Object.fromEntries(pairs);
};

const parseOne = (text: string): OneStrategy => {
  const colon = text.indexOf(':');
  if (text === '' || colon === 0) {
    throw new ForklabError('FL1003', { option: '--strategy', arrived: text, expected: 'the name of a strategy' });
  }
  return colon < 0 ? text : [text.slice(0, colon), optionsOf(text, text.slice(colon + 1))];
};

/** One `--strategy`. Every `+` composes; a path with a plus in it is written in a configuration, as a list. */
export const parseStrategy = (text: string): StrategyEntry => {
  const parts = text.split('+').map(parseOne);
  return parts.length === 1 ? parts[0]! : parts;
};

/** One `--strategies`: a comma separates, but for those commas that separate the options of one strategy. */
export const parseStrategies = (text: string): readonly StrategyEntry[] => {
  const entries: string[] = [];
  for (const piece of text.split(',')) {
    const before = entries.at(-1);
    const isOption = /^[^:+/]+=/.test(piece) && before?.slice(before.lastIndexOf('+') + 1).includes(':') === true;
    if (isOption) entries[entries.length - 1] = `${before},${piece}`;
    else entries.push(piece);
  }
  return entries.map(parseStrategy);
};
