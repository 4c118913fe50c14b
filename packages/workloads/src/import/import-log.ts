/**
 * From a log of system calls to a trace. A log says what was mapped, and nothing of what was touched: that is a stated
 * assumption. It comes from anywhere, so whatever is out of bounds is left out and counted, never guessed at.
 */
import { ForklabError, type Trace } from '@forklab/core';
import { Importer } from './importer.js';
import { perfTraceReader } from './perf-trace.js';
import { straceReader } from './strace.js';

export const LOG_FORMATS = { strace: straceReader, 'perf-trace': perfTraceReader } as const;
export type LogFormat = keyof typeof LOG_FORMATS;

export interface ImportOptions {
  readonly name: string;
  /** Share of each mapping that is touched when it is mapped: private memory written, files read. From 0 to 1. */
  readonly touch: number;
}

/** A trace, and what of the log is not in it, by reason. */
export interface Imported {
  readonly trace: Trace;
  readonly lines: number;
  readonly leftOut: Readonly<Record<string, number>>;
}

const OPERATIONS_MAX = 1_000_000;
const LINE_MAX = 65_536;

/** Reads a log line by line. Throws FL2018 when a line is too long, when it asks for too much, or when nothing was found. */
export const importLog = async (
  lines: AsyncIterable<string> | Iterable<string>,
  format: LogFormat,
  options: ImportOptions,
): Promise<Imported> => {
  const importer = new Importer(options.touch);
  const read = LOG_FORMATS[format]();
  const refuse = (line: number, problem: string): never => {
    throw new ForklabError('FL2018', { file: options.name, line, problem });
  };
  let count = 0;
  for await (const text of lines) {
    count++;
    if (text.length > LINE_MAX) refuse(count, `a line of more than ${LINE_MAX} characters`);
    if (importer.ops.length > OPERATIONS_MAX) refuse(count, `more than ${OPERATIONS_MAX} operations`);
    importer.line(read(text));
  }
  if (importer.ops.length === 0) refuse(count, `no call that ${format} would write`);
  const source = {
    kind: 'import',
    format,
    lines: count,
    leftOut: importer.leftOut,
    assumed: `of each mapping the first ${options.touch * 100} % is touched when it is mapped, at most 1 GiB`,
  };
  const header = { forklab: 'trace', version: 1, name: options.name, source } as const;
  return { trace: { header, ops: importer.finish() }, lines: count, leftOut: importer.leftOut };
};
