/** What running a trace answers: one JSON document a trace. Types only. Sizes are kB of what the trace mapped. */

import type { OpName } from './types.js';

/** 0, an errno name (`ENOMEM`), or the name of the signal that would have killed the process (`SIGSEGV`, `SIGBUS`). */
export type Outcome = 0 | string;

/** One operation's answer. There is none for `process`, `sample` and `ptdump`. */
export interface StepResult {
  /** Line index of the operation, the header being 0. */
  readonly i: number;
  readonly op: OpName;
  readonly result: Outcome;
  /** Minor faults taken. Only for read, write, touch and digest that ended with 0. */
  readonly minflt?: number;
  /** Major faults taken, left out when 0. */
  readonly majflt?: number;
  /** Events of userfaultfd write protection that the handler answered, left out when 0. Of any operation. */
  readonly uffd?: number;
  /** 32-bit FNV-1a. Only for digest and peek that ended with 0. */
  readonly digest?: number;
}

/** What an mm is charged, as /proc/PID/status prints it. kB. */
export interface MmCounters {
  readonly rssAnon: number;
  readonly rssFile: number;
  readonly rssShmem: number;
  readonly swap: number;
}

/** One process at a sample. kB, `vmas` excepted. All but `vmPte` and `mm` are found by walking its tables. */
export interface ProcSample extends MmCounters {
  /** `pgtables_bytes`: PTE, PMD and PUD tables charged to this mm, without the PGD. */
  readonly vmPte: number;
  readonly pss: number;
  readonly private: number;
  readonly shared: number;
  readonly vmas: number;
  readonly mm: MmCounters;
}

/** The truth, whoever is charged for it. kB. */
export interface MachineSample {
  /** Tables that exist: PTE, PMD and PUD. */
  readonly pageTables: number;
  /** Frames that hold data. */
  readonly frames: number;
  /** Tables that exist and that nobody is charged for. */
  readonly uncharged: number;
}

/** `procs` is in order of creation. Names that every object has are no process names, so the record is safe. */
export interface Sample {
  readonly label: string;
  readonly procs: Readonly<Record<string, ProcSample>>;
  readonly machine: MachineSample;
}

/** An invariant found broken. `step` is the line index of the operation after which it was found. */
export interface Violation {
  readonly invariant: string;
  /** The invariant in a sentence. */
  readonly says: string;
  readonly step: number;
  /** What was found instead. */
  readonly detail: string;
}

/** What `ptdump` recorded. `lines` are in the notation of `dump.ts`: one line a table. */
export interface TableDump {
  readonly i: number;
  readonly label: string;
  readonly proc: string;
  readonly lines: readonly string[];
}

export interface TraceResult {
  /** The `name` of the trace's header. */
  readonly trace: string;
  readonly strategy: string;
  readonly steps: readonly StepResult[];
  readonly samples: readonly Sample[];
  /** Counts of work, by name. */
  readonly events: Readonly<Record<string, number>>;
  /** Nanoseconds, by name. */
  readonly time: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  /** How often an operation or a site was met that the machine does not model, by its name. */
  readonly unmodelled: Readonly<Record<string, number>>;
  readonly dumps?: readonly TableDump[];
}
