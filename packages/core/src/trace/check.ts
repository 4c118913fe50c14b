/** Checking one line of a trace by itself: from any JSON value to a header or an operation. Driven by `fields.ts`. */

import { ForklabError } from '../errors.js';
import { nearest } from '../words.js';
import { expected } from './field-types.js';
import type { Field } from './fields.js';
import { commonFields, HEADER, OPERATIONS } from './fields.js';
import type { Op, OpName, TraceHeader } from './types.js';
import { createValueReader, hint } from './values.js';

/** Where a line stands, for messages. `line` is counted from 1, as editors do; a step's `i` is one less. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Checks the lines of one trace, each by itself. What they say about each other is for `order.ts`. */
export interface LineChecker {
  /** @throws ForklabError FL2005 to FL2007, FL2009 to FL2011. */
  header(value: unknown, place: Place): TraceHeader;
  /** @throws ForklabError FL2005, FL2006, FL2008 to FL2012. */
  op(value: unknown, place: Place): Op;
}

type Entries = readonly (readonly [string, Field])[];
type Values = Readonly<Record<string, unknown>>;

const HEADER_ENTRIES: Entries = Object.entries(HEADER);

const OP_ENTRIES: ReadonlyMap<string, Entries> = new Map(
  Object.entries(OPERATIONS).map(([name, { fields }]) => [
    name,
    Object.entries<Field>({ ...fields, ...commonFields(name as OpName) }),
  ]),
);

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mustBeObject = (value: unknown, place: Place): Values => {
  if (!isObject(value)) throw new ForklabError('FL2005', { ...place, arrived: value });
  return value;
};

/** Refuses a key that is no field. It comes first: a misspelt field is better named than reported as missing. */
const refuseUnknown = (values: Values, entries: Entries, op: string, place: Place): void => {
  const known = entries.map(([name]) => name);
  const field = Object.keys(values).find((key) => key !== 'op' && !known.includes(key));
  const stray = field ?? (op === 'header' && Object.hasOwn(values, 'op') ? 'op' : undefined);
  if (stray === undefined) return;
  const guess = nearest(
    stray,
    known.filter((name) => !Object.hasOwn(values, name)),
  );
  throw new ForklabError('FL2009', { ...place, op, field: stray, known, ...(guess !== undefined && { guess }) });
};

/** Refuses a field that another one rules out, or whose absence another one does not allow. */
const checkWhen = (values: Values, name: string, { when, type }: Field, op: string, place: Place): void => {
  if (when === undefined) return;
  const wanted = values[when.field] === when.is;
  const there = values[name] !== undefined;
  if (wanted === there) return;
  const problem = wanted
    ? `is absent, and "${when.field}" is "${when.is}"`
    : `is only for "${when.field}": "${when.is}"`;
  const fix = wanted ? `add "${name}": ${expected(type)}` : `leave "${name}" out, or make "${when.field}" "${when.is}"`;
  throw new ForklabError('FL2012', { ...place, op, field: name, problem, hint: fix });
};

/** A checker for the lines of one trace. */
export const createLineChecker = (): LineChecker => {
  const read = createValueReader();

  /** Copies the fields of `values` to `out`, in the order of the table, so that operations of a kind share a shape. */
  const readFields = (
    values: Values,
    entries: Entries,
    op: string,
    place: Place,
    out: Record<string, unknown>,
  ): void => {
    let present = 'op' in out ? 1 : 0;
    for (const [name, field] of entries) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) continue;
      present++;
      const fit = read(field.type, value);
      if (fit === undefined) {
        refuseUnknown(values, entries, op, place);
        const fix = hint(field.type, value);
        const args = { ...place, op, field: name, arrived: value, expected: expected(field.type) };
        throw new ForklabError('FL2011', { ...args, ...(fix !== undefined && { hint: fix }) });
      }
      out[name] = fit;
    }
    if (present !== Object.keys(values).length) refuseUnknown(values, entries, op, place);
    for (const [name, field] of entries) {
      if (field.required && out[name] === undefined) {
        throw new ForklabError('FL2010', { ...place, op, field: name, expected: expected(field.type) });
      }
      if (field.when) checkWhen(out, name, field, op, place);
    }
  };

  return {
    header(value, place) {
      const values = mustBeObject(value, place);
      if (values.forklab !== 'trace') {
        const problem = Object.hasOwn(values, 'op')
          ? 'the first line is an operation, and the header is missing'
          : 'the first line is no header of a trace';
        throw new ForklabError('FL2006', { ...place, problem });
      }
      if (values.version !== 1) throw new ForklabError('FL2007', { ...place, arrived: values.version });
      const out: Record<string, unknown> = {};
      readFields(values, HEADER_ENTRIES, 'header', place, out);
      // The compiler holds the table against TraceHeader, and every field was just read by that table.
      return out as unknown as TraceHeader;
    },
    op(value, place) {
      const values = mustBeObject(value, place);
      const op = Object.hasOwn(values, 'op') ? values.op : undefined;
      const entries = typeof op === 'string' ? OP_ENTRIES.get(op) : undefined;
      if (typeof op !== 'string' || entries === undefined) {
        if (values.forklab !== undefined) {
          const problem = 'a second header, in the middle of the trace';
          throw new ForklabError('FL2006', { ...place, problem });
        }
        const guess = typeof op === 'string' ? nearest(op, OP_ENTRIES.keys()) : undefined;
        throw new ForklabError('FL2008', { ...place, arrived: op, ...(guess !== undefined && { guess }) });
      }
      const out: Record<string, unknown> = { op };
      readFields(values, entries, op, place, out);
      // As above: the table is held against Op.
      return out as unknown as Op;
    },
  };
};
