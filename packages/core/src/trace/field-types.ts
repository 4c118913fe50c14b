/** The types that a field of a trace can have, and how each reads in a sentence. */

import { oneOf } from '../words.js';

/** What a name names: each kind has a space of names of its own. */
export type NameKind = 'process' | 'file' | 'object' | 'sample' | 'dump';

export type FieldType =
  /** An address in bytes: 0 to 2^53-1. Written in hexadecimal. */
  | { readonly is: 'address' }
  /** A length, size or offset in bytes: `min` to 2^53-1. Written in decimal. */
  | { readonly is: 'bytes'; readonly min: number }
  | { readonly is: 'integer'; readonly min: number; readonly max: number }
  | { readonly is: 'real'; readonly min: number; readonly max: number }
  | { readonly is: 'boolean' }
  /** A name that this line makes (`new`), uses (`use`), or uses for the last time (`last`). */
  | { readonly is: 'name'; readonly of: NameKind; readonly role: 'new' | 'use' | 'last' }
  /** A name that refers to nothing else in the trace. */
  | { readonly is: 'title' }
  | { readonly is: 'text' }
  | { readonly is: 'choice'; readonly of: readonly string[] }
  /** A list without repetition: of names, or of the words `of`, of which exactly one is in `exactlyOne`. */
  | { readonly is: 'flags'; readonly of?: readonly string[]; readonly exactlyOne?: readonly string[] }
  /** Always this value. */
  | { readonly is: 'constant'; readonly value: string | number }
  /** A list of fields of the answer, each once and with the reason why it is not compared. */
  | { readonly is: 'exclusions'; readonly of: readonly string[] }
  /** An object of JSON values. */
  | { readonly is: 'object' };

/** The longest name, in UTF-16 units. */
export const NAME_LENGTH_MAX = 255;

/** How deeply the `source` of a header may be nested. */
export const SOURCE_DEPTH_MAX = 16;

/** The largest unsigned 32-bit number. */
export const U32_MAX = 0xffff_ffff;

const NAME = `a name of 1 to ${NAME_LENGTH_MAX} visible characters that is no property of every object`;

const BYTES = 'below 2^53, as a number or as a string such as "4096", "0x1000" or "2MiB"';

/** What a field of this type must be, as the end of the sentence "expected ...". */
export const expected = (type: FieldType): string => {
  switch (type.is) {
    case 'address':
      return `an address ${BYTES}`;
    case 'bytes':
      return `a whole number of bytes ${type.min > 0 ? `from ${type.min}, ` : ''}${BYTES}`;
    case 'integer':
      return `a whole number from ${type.min} to ${type.max}`;
    case 'real':
      return `a number from ${type.min} to ${type.max}`;
    case 'boolean':
      return 'true or false';
    case 'name':
    case 'title':
      return NAME;
    case 'text':
      return 'a text';
    case 'choice':
      return `one of ${oneOf(type.of.map((word) => JSON.stringify(word)))}`;
    case 'flags':
      return flagsExpected(type);
    case 'constant':
      return JSON.stringify(type.value);
    case 'exclusions':
      return `a list of {"field", "why"}: any of ${oneOf(type.of)}, none of them twice, and why in a text`;
    case 'object':
      return `an object of JSON values, nested at most ${SOURCE_DEPTH_MAX} deep`;
  }
};

const flagsExpected = ({ of, exactlyOne }: FieldType & { readonly is: 'flags' }): string => {
  if (of === undefined) return 'a list of names, none of them twice';
  const others = of.filter((word) => !exactlyOne?.includes(word));
  const either = exactlyOne ? `of exactly one of ${oneOf(exactlyOne)}, and ` : 'of ';
  return `a list ${either}any of ${oneOf(others)}, none of them twice`;
};
