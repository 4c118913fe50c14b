/** The oracle's side of a run: it follows what the machine could do at all, and judges that. */
import { type Geometry, type Machine, type Op, type Outcome, PAGE_SIZE, type StepResult } from '@forklab/core';
import type { Breakage } from './breakage.js';
import { breakage } from './breakage.js';
import { entryAt, frameOf, PRESENT, PROTNONE } from './canonical.js';
import { createOracle, type Oracle, type OracleAnswer } from './flat-oracle.js';
import { FLAG } from './oracle/types.js';

/** Operations that change nothing at all when they fail for want of memory. The others may be half done. */
const ALL_OR_NOTHING: ReadonlySet<Op['op']> = new Set([
  ...(['fork', 'spawn', 'exec', 'mmap', 'munmap', 'read', 'digest', 'file', 'process'] as const),
]);

/** Operations that fault pages in and answer 0 whether or not that succeeds. */
const POPULATES: ReadonlySet<Op['op']> = new Set(['mmap', 'mprotect', 'mremap']);

/** Operations that older kernels refuse in other cases, or that have no such advice yet. */
const DIFFERS: ReadonlySet<Op['op']> = new Set(['mremap', 'madvise']);

export const nameOf = (op: Op): string => ('proc' in op && op.proc !== undefined ? `${op.op} of ${op.proc}` : op.op);

export class Judge {
  readonly #oracle: Oracle;
  /** What the oracle holds is no longer what the machine should hold: only core's invariants are left to check. */
  #blind = false;

  /** The machine answers as an older kernel than the oracle's: where releases differ, what follows is not compared. */
  readonly #older: boolean;

  constructor(geometry: Geometry, older = false) {
    this.#oracle = createOracle(geometry);
    this.#older = older;
  }

  /** `starved`: an allocation failed during the step. */
  judge(i: number, op: Op, seen: StepResult | null, starved: boolean): Breakage | null {
    if (this.#blind) return null;
    const result: Outcome | null = seen?.result ?? null;
    // A child whose fork failed does not exist, and what it would have done did not happen.
    if (result === 'ESRCH') return null;
    if (starved && (result !== 0 || op.op === 'process' || POPULATES.has(op.op))) {
      // What populates, as mmap may, answers 0 with some of its pages missing.
      if (result === 0 || !ALL_OR_NOTHING.has(op.op) || this.#growsStacks(op)) this.#blind = true;
      const allowed = result === null || result === 0 || result === (op.op === 'mlock' ? 'EAGAIN' : 'ENOMEM');
      return allowed ? null : breakage('same-result', i, `${nameOf(op)} ran out of memory and answered ${result}`);
    }
    return this.#compare(i, op, seen, this.#oracle.step(op));
  }

  /** An access that found no frame for its page has made its stack longer all the same. */
  #growsStacks(op: Op): boolean {
    if (op.op !== 'read' && op.op !== 'digest') return false;
    return this.#oracle.procs.get(op.proc)?.vmas.some(({ flags }) => (flags & FLAG.growsdown) !== 0) ?? false;
  }

  /** Compares what processes have written with what their tables hold. Pages that are not present are left out. */
  contents(i: number, m: Machine): Breakage | null {
    if (this.#blind) return null;
    for (const { name, pages } of this.#oracle.procs.values()) {
      const space = m.procs.get(name);
      for (const [page, { word }] of space ? pages : []) {
        const [lo, hi] = entryAt(m, space!, page * PAGE_SIZE);
        const where = `page 0x${(page * PAGE_SIZE).toString(16)} of ${name}`;
        if (lo === 0 && word !== 0) return breakage('same-contents', i, `${where} is gone, the oracle says ${word}`);
        const held = (lo & (PRESENT | PROTNONE)) === 0 ? word : m.frames.contents[frameOf(lo, hi)];
        if (held !== word) return breakage('same-contents', i, `${where} holds ${held}, the oracle says ${word}`);
      }
    }
    return null;
  }

  #compare(i: number, op: Op, seen: StepResult | null, expected: OracleAnswer | null): Breakage | null {
    if (seen === null || expected === null) return null;
    if (seen.result === 'ENOSYS' || expected.result === 'ENOSYS') {
      // One side has done something that the other does not model: from here on they differ without being wrong.
      this.#blind = seen.result !== expected.result;
      return null;
    }
    if (this.#older && seen.result !== expected.result && DIFFERS.has(op.op)) {
      this.#blind = true;
      return null;
    }
    if (seen.result !== expected.result) {
      return breakage('same-result', i, `${nameOf(op)} answered ${seen.result}, the oracle says ${expected.result}`);
    }
    if (seen.digest !== expected.digest) {
      return breakage('same-contents', i, `${nameOf(op)} is ${seen.digest}, the oracle says ${expected.digest}`);
    }
    if (expected.uffd !== null && seen.uffd !== expected.uffd) {
      const detail = `${nameOf(op)} had ${seen.uffd ?? 0} events, the oracle says ${expected.uffd ?? 0}`;
      return breakage('same-events', i, detail);
    }
    return null;
  }
}
