/** Reading the value of one field: from JSON to what the machine works with. */

import { isPlain, nearest } from '../words.js';
import type { FieldType } from './field-types.js';
import { NAME_LENGTH_MAX, SOURCE_DEPTH_MAX } from './field-types.js';
import type { Json } from './types.js';

const UNITS = ['', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

const BYTES = /^(?:0[xX]([0-9a-fA-F]{1,16})|(0|[1-9][0-9]{0,15})(|KiB|MiB|GiB|TiB|PiB))$/;

/** A number of bytes: a whole number below 2^53, or a string such as "0x1000", "4096" or "1GiB". Else undefined. */
export const parseBytes = (value: unknown): number | undefined => {
  let bytes = value;
  if (typeof value === 'string') {
    const [, hex, decimal, unit] = BYTES.exec(value) ?? [];
    if (hex !== undefined) bytes = Number.parseInt(hex, 16);
    else bytes = Number(decimal) * 1024 ** UNITS.indexOf((unit ?? '') as (typeof UNITS)[number]);
  }
  // Adding 0 turns -0 into 0, which would otherwise not survive writing.
  return Number.isSafeInteger(bytes) && (bytes as number) >= 0 ? (bytes as number) + 0 : undefined;
};

/**
 * Whether a string may name something. Not so: the empty string, more than 255 characters, white space at either end,
 * characters that cannot be seen, and the names that every object has (`__proto__`, `constructor`, ...), since results
 * are records keyed by name.
 */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= NAME_LENGTH_MAX &&
  isPlain(value) &&
  value.trim() === value &&
  !(value in Object.prototype);

/** A copy that writing and reading give back unchanged, or undefined: too deep, not finite, or a key `__proto__`. */
const readJson = (value: unknown, depth: number): Json | undefined => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : undefined;
  if (typeof value !== 'object' || depth === 0) return undefined;
  if (Array.isArray(value)) {
    const list = value.map((item) => readJson(item, depth - 1));
    return list.includes(undefined) ? undefined : (list as Json[]);
  }
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    const read = key === '__proto__' ? undefined : readJson(item, depth - 1);
    if (read === undefined) return undefined;
    copy[key] = read;
  }
  return copy;
};

const readInteger = (value: unknown, min: number, max: number): number | undefined =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max ? (value as number) + 0 : undefined;

const readReal = (value: unknown, min: number, max: number): number | undefined =>
  typeof value === 'number' && value >= min && value <= max ? value + 0 : undefined;

const readFlags = (value: unknown, type: FieldType & { readonly is: 'flags' }): readonly string[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const fits = type.of === undefined ? isName : (word: unknown) => type.of?.includes(word as string);
  if (!value.every(fits) || new Set(value).size !== value.length) return undefined;
  const { exactlyOne } = type;
  if (exactlyOne && value.filter((word) => exactlyOne.includes(word)).length !== 1) return undefined;
  return value as readonly string[];
};

const readExclusions = (value: unknown, of: readonly string[]): readonly object[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const read = value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) return undefined;
    const { field, why, ...more } = item as Readonly<Record<string, unknown>>;
    const fits = of.includes(field as string) && typeof why === 'string' && why.trim() !== '';
    return fits && Object.keys(more).length === 0 ? { field: field as string, why } : undefined;
  });
  const fields = new Set(read.map((item) => item?.field));
  return fields.has(undefined) || fields.size !== read.length ? undefined : (read as object[]);
};

/**
 * Reads values for one trace, or for one writer. A trace has millions of operations and few names, so equal strings and
 * equal lists become one: two million operations then take a few hundred bytes each less.
 */
export const createValueReader = (): ((type: FieldType, value: unknown) => unknown) => {
  const strings = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();

  const sameString = (text: string): string => {
    const known = strings.get(text);
    if (known !== undefined) return known;
    strings.set(text, text);
    return text;
  };

  const sameList = (list: readonly string[] | undefined): readonly string[] | undefined => {
    if (list === undefined) return undefined;
    const key = list.join('\n');
    const known = lists.get(key) ?? Object.freeze(list.map(sameString));
    lists.set(key, known);
    return known;
  };

  return (type, value) => {
    switch (type.is) {
      case 'address':
        return parseBytes(value);
      case 'bytes': {
        const bytes = parseBytes(value);
        return bytes !== undefined && bytes >= type.min ? bytes : undefined;
      }
      case 'integer':
        return readInteger(value, type.min, type.max);
      case 'real':
        return readReal(value, type.min, type.max);
      case 'boolean':
        return typeof value === 'boolean' ? value : undefined;
      case 'name':
      case 'title':
        return isName(value) ? sameString(value) : undefined;
      case 'text':
        return typeof value === 'string' ? value : undefined;
      case 'choice':
        return type.of.find((word) => word === value);
      case 'flags':
        return sameList(readFlags(value, type));
      case 'constant':
        return value === type.value ? value : undefined;
      case 'exclusions':
        return readExclusions(value, type.of);
      case 'object':
        return typeof value === 'object' && value !== null && !Array.isArray(value)
          ? readJson(value, SOURCE_DEPTH_MAX)
          : undefined;
    }
  };
};

const LOOSE = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgtp]?)(?:i?b)?\s*$/i;

const bytesHint = (value: unknown): string | undefined => {
  if (typeof value === 'number' && value > Number.MAX_SAFE_INTEGER) {
    return 'use a smaller number: from 2^53 upward JSON numbers lose digits, and user addresses end at 2^47 anyway';
  }
  if (typeof value !== 'string' || value.length > 32) return undefined;
  if (/^[0-9a-f]*[a-f][0-9a-f]*$/i.test(value)) return `write "0x${value}" if it is hexadecimal`;
  const [, digits, letter] = LOOSE.exec(value) ?? [];
  if (digits === undefined || letter === undefined) return undefined;
  const power = ' kmgtp'.indexOf(letter.toLowerCase() || ' ');
  const whole = `${Number(digits)}${UNITS[power]}`;
  if (parseBytes(whole) !== undefined) return `write "${whole}"`;
  const bytes = parseBytes(Number(digits) * 1024 ** power);
  return bytes === undefined ? undefined : `write ${bytes}`;
};

/** What to write instead of a value that does not fit its field, where that can be guessed. */
export const hint = (type: FieldType, value: unknown): string | undefined => {
  if (type.is === 'address' || type.is === 'bytes') return bytesHint(value);
  if (type.is === 'choice' && typeof value === 'string') {
    const guess = nearest(value, type.of);
    return guess === undefined ? undefined : `write "${guess}"`;
  }
  if (type.is === 'flags') {
    if (typeof value === 'string') return 'put it into a list: ["..."]';
    const odd = Array.isArray(value) && type.of ? value.find((word) => !type.of?.includes(word)) : undefined;
    const guess = typeof odd === 'string' ? nearest(odd, type.of ?? []) : undefined;
    return guess === undefined ? undefined : `write "${guess}" in the list`;
  }
  if ((type.is === 'name' || type.is === 'title') && typeof value === 'string') {
    return value in Object.prototype ? 'choose another name: every JavaScript object has this one' : undefined;
  }
  return undefined;
};
