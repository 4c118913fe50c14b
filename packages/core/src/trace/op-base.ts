/** What operations of a trace have in common. Types only. */

import type { ComparedField } from './vocabulary.js';

/** One field in which a model is not held against the kernel, since the kernel itself does not always answer the same. */
export interface Exclusion {
  readonly field: ComparedField;
  /** What makes the kernel's answer vary, in a sentence. */
  readonly why: string;
}

/** What every operation may carry. */
export interface OpBase {
  /** A comment for people. It changes nothing and survives reading and writing. */
  readonly note?: string;
  /** Fields of its answer in which a kernel and a model are not compared. The header may exclude them everywhere. */
  readonly notCompared?: readonly Exclusion[];
}

export interface ProcOp extends OpBase {
  readonly proc: string;
}

/** An operation on a range of one process, in bytes. */
export interface RangeOp extends ProcOp {
  readonly addr: number;
  readonly length: number;
}
