/**
 * The trace format, version 1, after reading: what a trace holds and what running one answers. Types only.
 *
 * Every address, length, size and offset is a whole number of bytes from 0 to 2^53-1; every name is a checked string
 * (see `fields.ts`). The forms that a file may use for them (`"0x1000"`, `"1GiB"`) exist on disk only.
 */

import type { Exclusion, Op } from './ops.js';
import type { ThpMode } from './vocabulary.js';

export type * from './ops.js';
export type {
  Advice,
  ComparedField,
  MmapFlag,
  PinHow,
  Prot,
  SampleField,
  ShareKind,
  StepField,
  ThpMode,
  TouchPattern,
  UffdMode,
} from './vocabulary.js';

/** One value of a JSON document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The first line of a trace. */
export interface TraceHeader {
  readonly forklab: 'trace';
  readonly version: 1;
  readonly name: string;
  readonly description?: string;
  /** Bound on physical frames, in bytes. Unbounded when absent. */
  readonly memory?: number;
  /** Size of the swap device, in bytes; 0: none. The machine's default when absent. */
  readonly swap?: number;
  readonly cpus?: number;
  /** Which private anonymous memory gets transparent huge pages. Default: `never`. */
  readonly thp?: ThpMode;
  /** Where the trace comes from: a generator with its parameters, or host, kernel, command and date of a capture. */
  readonly source?: { readonly [key: string]: Json };
  /** Fields in which no answer of this trace is compared with a kernel's. */
  readonly notCompared?: readonly Exclusion[];
}

/** A whole trace. `ops[k]` stood on line index `k + 1` (the header is line index 0), which is the `i` of its step. */
export interface Trace {
  readonly header: TraceHeader;
  readonly ops: readonly Op[];
}
