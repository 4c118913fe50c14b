/** From lines of text to a trace. Needs no host, so it also runs in a browser. */

import { ForklabError } from '../errors.js';
import { createLineChecker } from './check.js';
import { createOrderChecker } from './order.js';
import type { Op, Trace, TraceHeader } from './types.js';

/** Bounds on what is read, so that memory stays bounded whatever a file holds. */
export interface TraceLimits {
  /** The longest line in bytes, its end not counted. Default 1 MiB. */
  readonly lineBytes: number;
  /** The most operations. Default 2,000,000. */
  readonly operations: number;
  /** The longest text in bytes, after decompression. Default 1 GiB. */
  readonly bytes: number;
}

export const DEFAULT_LIMITS: TraceLimits = { lineBytes: 2 ** 20, operations: 2_000_000, bytes: 2 ** 30 };

/** Takes the lines of one trace, in order. */
export interface TraceBuilder {
  /** One line without its LF. `last` when no LF follows, which a file that was cut short has, too. */
  line(text: string, last?: boolean): void;
  /** The whole trace, after its last line. */
  end(): Trace;
}

/** @internal */
export const createTraceBuilder = (file: string, limits: TraceLimits): TraceBuilder => {
  const check = createLineChecker();
  const order = createOrderChecker();
  const ops: Op[] = [];
  const place = { file, line: 0 };
  let header: TraceHeader | undefined;

  const parse = (text: string, last: boolean): unknown => {
    if (/^[ \t\r]*$/.test(text)) throw new ForklabError('FL2005', { ...place, arrived: '' });
    try {
      return JSON.parse(text);
    } catch (error) {
      // V8 repeats a part of the text in its message; `arrived` shows that already.
      const reason = (error as Error).message.replace(/, (\.\.\.)?".*$/s, '');
      throw new ForklabError('FL2005', { ...place, arrived: text, reason, ...(last && { last }) });
    }
  };

  return {
    line(text, last = false) {
      place.line++;
      if (ops.length >= limits.operations) {
        throw new ForklabError('FL2004', { ...place, limit: 'operations', max: limits.operations });
      }
      const value = parse(text, last);
      if (header === undefined) {
        header = check.header(value, place);
        return;
      }
      const op = check.op(value, place);
      order(op, place);
      ops.push(op);
    },
    end() {
      if (header === undefined) throw new ForklabError('FL2006', { file, line: 1, problem: 'the trace is empty' });
      return { header, ops };
    },
  };
};

/**
 * Parses a whole trace held in a string, with the checks of `readTrace`. `name` stands for the file in messages.
 *
 * @throws ForklabError FL2004 to FL2015, FL2017.
 */
export const parseTrace = (text: string, name = '<text>', limits: Partial<TraceLimits> = {}): Trace => {
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const builder = createTraceBuilder(name, bounds);
  let line = 0;
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const lf = text.indexOf('\n', start);
    const end = lf < 0 ? text.length : lf;
    line++;
    if (end > bounds.bytes) throw new ForklabError('FL2004', { file: name, line, limit: 'bytes', max: bounds.bytes });
    if (end - start > bounds.lineBytes) {
      throw new ForklabError('FL2004', { file: name, line, limit: 'line', max: bounds.lineBytes });
    }
    builder.line(text.slice(start, end), lf < 0);
    start = end + 1;
  }
  return builder.end();
};
