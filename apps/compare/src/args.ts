/**
 * Reading a command line strictly. citty describes the options and prints the usage; its own parser lets unknown
 * options, missing values and repeated options pass, and each of those would silently run something else.
 */
import { ForklabError, nearest } from '@forklab/core';
import type { ArgsDef } from 'citty';

/** A command line after reading. An option may be given several times, so every option has a list of values. */
export interface Args {
  /** Whether a switch was given. */
  has(name: string): boolean;
  /** The last value of an option. */
  one(name: string): string | undefined;
  /** All values of an option, in order. */
  all(name: string): readonly string[];
  readonly positionals: readonly string[];
  /** What stood after `--`, or null when there was no `--`. */
  readonly rest: readonly string[] | null;
}

/** One call of a command, for its `--help` and for docs/reference/cli.md. */
export interface Example {
  readonly call: string;
  readonly does: string;
}

const optionNames = (def: ArgsDef): string[] =>
  Object.keys(def)
    .filter((name) => def[name]?.type !== 'positional')
    .map((name) => `--${name}`);

const maxPositionals = (def: ArgsDef): number => {
  const names = Object.keys(def).filter((name) => def[name]?.type === 'positional');
  return names.some((name) => name.endsWith('…')) ? Number.POSITIVE_INFINITY : names.length;
};

/** Reads `raw` by `def`. Throws FL1002 for an unknown option, FL1003 for a missing or surplus value, FL1004. */
export const parseArgs = (command: string, def: ArgsDef, raw: readonly string[]): Args => {
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  let rest: string[] | null = null;
  for (let i = 0; i < raw.length; i++) {
    const arg = raw[i]!;
    if (arg === '--') {
      rest = raw.slice(i + 1);
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positionals.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/^--/, '');
    const known = Object.hasOwn(def, name) && arg.startsWith('--') ? def[name] : undefined;
    if (known === undefined || known.type === 'positional') throw unknownOption(command, def, arg);
    const list = values.get(name) ?? [];
    values.set(name, list);
    if (known.type === 'boolean') {
      if (equals >= 0) throw new ForklabError('FL1003', surplus(name, arg.slice(equals + 1)));
      list.push('');
    } else if (equals >= 0) list.push(arg.slice(equals + 1));
    else {
      const next = raw[i + 1];
      if (next === undefined || (next.startsWith('-') && next !== '-')) {
        throw new ForklabError('FL1003', {
          option: `--${name}`,
          arrived: next,
          expected: valueHintOf(known.valueHint),
        });
      }
      list.push(next);
      i++;
    }
  }
  if (positionals.length > maxPositionals(def)) {
    const problem = `it does not take the argument ${positionals[maxPositionals(def)]}`;
    throw new ForklabError('FL1004', { command, problem, usage: `forklab ${command} --help to see what it takes` });
  }
  return {
    has: (name) => values.has(name),
    one: (name) => values.get(name)?.at(-1),
    all: (name) => values.get(name) ?? [],
    positionals,
    rest,
  };
};

const valueHintOf = (hint: string | undefined): string => (hint ? `a value (${hint})` : 'a value');

const surplus = (name: string, arrived: string) => ({
  option: `--${name}`,
  arrived,
  expected: 'no value: it is a switch',
});

const unknownOption = (command: string, def: ArgsDef, arg: string): ForklabError => {
  const known = [...optionNames(def), '--help'];
  const arrived = arg.split('=', 1)[0]!;
  return new ForklabError('FL1002', { command, arrived, guess: nearest(arrived, known), known });
};

/** A whole number from `min` to `max` out of an option. Throws FL1003. */
export const wholeNumber = (option: string, text: string, min: number, max: number): number => {
  const n = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (n >= min && n <= max) return n;
  throw new ForklabError('FL1003', { option, arrived: text, expected: `a whole number from ${min} to ${max}` });
};

/** One of some words out of an option. Throws FL1003. */
export const oneWord = <W extends string>(option: string, text: string, words: readonly W[]): W => {
  const word = words.find((w) => w === text);
  if (word !== undefined) return word;
  throw new ForklabError('FL1003', { option, arrived: text, expected: words.map((w) => `"${w}"`).join(' or ') });
};
