/** From a trace to lines of text. Needs no host, so it also runs in a browser. */

import { ForklabError } from '../errors.js';
import { createLineChecker } from './check.js';
import type { Field } from './fields.js';
import { OPERATIONS } from './fields.js';
import { createOrderChecker } from './order.js';
import type { TraceLimits } from './parse.js';
import { DEFAULT_LIMITS } from './parse.js';
import type { Op, Trace } from './types.js';

/** The fields that hold an address, and are written in hexadecimal. The name alone tells, in every operation. */
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(
  Object.values(OPERATIONS).flatMap(({ fields }) =>
    Object.entries<Field>(fields).flatMap(([name, { type }]) => (type.is === 'address' ? [name] : [])),
  ),
);

const opText = (op: Op): string => {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(op)) {
    values[name] = ADDRESS_FIELDS.has(name) ? `0x${(value as number).toString(16)}` : value;
  }
  return JSON.stringify(values);
};

/**
 * The lines of a trace, each without its LF. They are checked as they will be on reading: what is written can be read.
 * `name` stands for the trace in messages.
 *
 * @throws ForklabError FL2004 to FL2015, FL2017.
 */
export function* traceLines(trace: Trace, name: string, limits: Partial<TraceLimits> = {}): Generator<string, void> {
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const check = createLineChecker();
  const order = createOrderChecker();
  const place = { file: name, line: 1 };
  let bytes = 0;
  const bounded = (text: string): string => {
    // UTF-8 takes at most 3 bytes for each UTF-16 unit, so that short lines need no count.
    const length = text.length * 3 > bounds.lineBytes ? new TextEncoder().encode(text).length : text.length;
    bytes += length + 1;
    if (length > bounds.lineBytes) throw new ForklabError('FL2004', { ...place, limit: 'line', max: bounds.lineBytes });
    if (bytes > bounds.bytes) throw new ForklabError('FL2004', { ...place, limit: 'bytes', max: bounds.bytes });
    return text;
  };
  yield bounded(JSON.stringify(check.header(trace.header, place)));
  if (trace.ops.length > bounds.operations) {
    throw new ForklabError('FL2004', { ...place, limit: 'operations', max: bounds.operations });
  }
  for (const value of trace.ops) {
    place.line++;
    const op = check.op(value, place);
    order(op, place);
    yield bounded(opText(op));
  }
}

/**
 * The text of a trace, as it stands in a file. Reading it gives an equal trace.
 *
 * @throws ForklabError FL2004 to FL2015, FL2017: a trace that could not be read is not written.
 */
export const formatTrace = (trace: Trace, limits: Partial<TraceLimits> = {}): string =>
  `${[...traceLines(trace, '<trace>', limits)].join('\n')}\n`;
