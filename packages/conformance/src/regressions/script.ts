/** The words in which fixed traces are written: sizes in tables and quarters of one, so that they fit any geometry. */
import type { Advice, Geometry, MmapFlag, Op, Prot, Trace, UffdMode } from '@forklab/core';
import { PAGE_SIZE } from '@forklab/core';
import { withClosing } from '../closing.js';
import { baseOf } from '../layout.js';

/** A trap that some real or proposed kernel fell into, or that a strategy's author may. */
export interface Regression {
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly about: string;
  /** The trace on this geometry. In the end all memory is read back and every process leaves. */
  readonly trace: (geometry: Geometry) => Trace;
}

interface MapOptions {
  readonly prot?: Prot;
  /** Besides `private`, which is left out when this has `shared`; `anonymous` goes without saying when no file is named. */
  readonly flags?: readonly MmapFlag[];
  readonly file?: string;
  readonly offset?: number;
}

/** Writes one trace. Every word appends an operation. */
export class Script {
  readonly ops: Op[] = [];
  /** Bytes: a page, what one PTE table spans, a quarter of that, and what one PMD table spans. */
  readonly page = PAGE_SIZE;
  readonly table: number;
  readonly quarter: number;
  readonly gib: number;
  /** An address where a PTE, a PMD and a PUD table begin. */
  readonly base: number;
  #value = 0;
  #samples = 0;

  constructor(geometry: Geometry) {
    this.table = geometry.slotBytes;
    this.quarter = geometry.slotBytes / 4;
    this.gib = geometry.pudBytes;
    this.base = baseOf(geometry);
  }

  /** Puts a note on the operation written last. */
  note(note: string): void {
    this.ops.push({ ...(this.ops.pop() as Op), note });
  }

  process(proc: string): void {
    this.ops.push({ op: 'process', proc });
  }

  file(file: string, size: number): void {
    this.ops.push({ op: 'file', file, size });
  }

  truncate(file: string, size: number): void {
    this.ops.push({ op: 'truncate', file, size });
  }

  map(proc: string, addr: number, length: number, options: MapOptions = {}): void {
    const { prot = 'rw-', flags = [], file, offset } = options;
    const kind: MmapFlag[] = flags.includes('shared') ? [] : ['private'];
    const anonymous: MmapFlag[] = file === undefined ? ['anonymous'] : [];
    const backing = file === undefined ? {} : { file, offset: offset ?? 0 };
    this.ops.push({ op: 'mmap', proc, addr, length, prot, flags: [...kind, ...flags, ...anonymous], ...backing });
  }

  unmap(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'munmap', proc, addr, length });
  }

  protect(proc: string, addr: number, length: number, prot: Prot): void {
    this.ops.push({ op: 'mprotect', proc, addr, length, prot });
  }

  /** Without `newAddr` in place. */
  remap(proc: string, addr: number, oldLength: number, newLength: number, newAddr?: number): void {
    this.ops.push({ op: 'mremap', proc, addr, oldLength, newLength, ...(newAddr !== undefined && { newAddr }) });
  }

  advise(proc: string, addr: number, length: number, advice: Advice): void {
    this.ops.push({ op: 'madvise', proc, addr, length, advice });
  }

  /** Stores a value that this trace has not stored before. */
  write(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'write', proc, addr, length, value: ++this.#value });
  }

  read(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'read', proc, addr, length });
  }

  digest(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'digest', proc, addr, length });
  }

  /** Each process reads back the range. */
  digests(procs: readonly string[], addr: number, length: number): void {
    for (const proc of procs) this.digest(proc, addr, length);
  }

  sample(): void {
    this.ops.push({ op: 'sample', label: `s${this.#samples++}` });
  }

  pin(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'pin', proc, addr, length, write: true, longterm: true });
  }

  /** A reference, as a pipe has it: it does not keep the page with its process. */
  get(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'pin', proc, addr, length, how: 'get' });
  }

  /** Reads what is pinned, by the range of the pin. */
  peek(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'peek', proc, addr, length });
  }

  unpin(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'unpin', proc, addr, length });
  }

  brk(proc: string, addr: number): void {
    this.ops.push({ op: 'brk', proc, addr });
  }

  lock(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'mlock', proc, addr, length });
  }

  /** Until the child exits or executes, the parent waits: it must not be named. */
  vfork(proc: string, child: string): void {
    this.ops.push({ op: 'vfork', proc, child });
  }

  spawn(proc: string, child: string): void {
    this.ops.push({ op: 'spawn', proc, child });
  }

  swapout(proc: string, addr: number, length: number): void {
    this.ops.push({ op: 'swapout', proc, addr, length });
  }

  fork(proc: string, child: string): void {
    this.ops.push({ op: 'fork', proc, child });
  }

  register(proc: string, addr: number, length: number, mode: UffdMode): void {
    this.ops.push({ op: 'uffd_register', proc, addr, length, mode });
  }

  /** Registered, and write-protected at once. */
  watch(proc: string, addr: number, length: number, mode: UffdMode): void {
    this.register(proc, addr, length, mode);
    this.ops.push({ op: 'uffd_writeprotect', proc, addr, length, protect: true });
  }

  exec(proc: string): void {
    this.ops.push({ op: 'exec', proc });
  }

  exit(...procs: readonly string[]): void {
    for (const proc of procs) this.ops.push({ op: 'exit', proc });
  }

  /** p0 with `tables` whole tables of private memory at `base`, all of it written. */
  parent(tables = 1): void {
    this.process('p0');
    this.map('p0', this.base, tables * this.table);
    this.write('p0', this.base, tables * this.table);
  }
}

export const regression = (name: string, about: string, write: (s: Script) => void): Regression => ({
  name,
  about,
  trace: (geometry) => {
    const script = new Script(geometry);
    write(script);
    const header = { forklab: 'trace', version: 1, name: name.replaceAll(' ', '-'), description: about } as const;
    return withClosing({ header, ops: script.ops }, 'oldest first', geometry);
  },
});
