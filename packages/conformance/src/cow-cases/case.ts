/** What a case of the kernel's selftest is here: a trace, and what the kernel demands that its steps answer. */
import { type Geometry, type Op, PAGE_SIZE, type Trace } from '@forklab/core';
import { Script } from '../regressions/script.js';

/** A page's first word before the store that the case is about, and after it. */
export const OLD = 1;
export const NEW = 2;

/** One step that must answer this digest, whatever the strategy. */
export interface Demand {
  /** Line index of the step. */
  readonly i: number;
  readonly digest: number;
}

export interface CowCase {
  /** `A03 base page`: the case, and what backs its memory. */
  readonly name: string;
  /** What the case does, and what must come of it. */
  readonly about: string;
  readonly trace: (geometry: Geometry) => Trace;
  readonly demands: (geometry: Geometry) => readonly Demand[];
}

/** A range in bytes. */
export interface Region {
  readonly addr: number;
  readonly length: number;
}

const fnv = (pages: number, word: number): number => {
  let h = 2166136261;
  for (let k = 0; k < pages; k++) h = Math.imul(h ^ word, 16777619) >>> 0;
  return h;
};

/** Most pages that a case splices, as many as a pipe takes by default. */
const SPLICE_PAGES_MAX = 16;

/** Writes a case. */
export class CowScript extends Script {
  readonly geometry: Geometry;
  readonly demanded: Demand[] = [];

  constructor(geometry: Geometry) {
    super(geometry);
    this.geometry = geometry;
  }

  /** Stores one value all over a region. */
  fill(proc: string, { addr, length }: Region, value: number): void {
    this.ops.push({ op: 'write', proc, addr, length, value });
  }

  /** Takes the right to write away and gives it back. */
  flip(proc: string, { addr, length }: Region): void {
    this.protect(proc, addr, length, 'r--');
    this.protect(proc, addr, length, 'rw-');
  }

  /** The operation written last must find this word all over a region. */
  #demand(pages: number, word: number): void {
    const says = word === NEW ? 'what was stored last' : word === OLD ? 'what was there before the store' : 'zeroes';
    this.note(`the kernel demands: ${says}`);
    this.demanded.push({ i: this.ops.length, digest: fnv(pages, word) });
  }

  /** A process reads a region through its mapping. */
  sees(proc: string, { addr, length }: Region, word: number): void {
    this.digest(proc, addr, length);
    this.#demand(length / PAGE_SIZE, word);
  }

  /** The holder of a region reads it. */
  holds(proc: string, { addr, length }: Region, word: number): void {
    this.peek(proc, addr, length);
    this.#demand(length / PAGE_SIZE, word);
  }
}

/** The part of a region that goes into a pipe. */
export const spliced = ({ addr, length }: Region): Region => ({
  addr,
  length: Math.min(length, SPLICE_PAGES_MAX * PAGE_SIZE),
});

export const cowCase = (name: string, about: string, write: (s: CowScript) => void): CowCase => {
  const script = (geometry: Geometry): CowScript => {
    const s = new CowScript(geometry);
    write(s);
    return s;
  };
  return {
    name,
    about,
    demands: (geometry) => script(geometry).demanded,
    trace: (geometry) => {
      const { ops } = script(geometry);
      const live = new Set<string>();
      for (const op of ops) {
        if (op.op === 'exit') live.delete(op.proc);
        else if (op.op === 'process') live.add(op.proc);
        else if ('child' in op) live.add(op.child);
      }
      const exits: Op[] = [...live].map((proc) => ({ op: 'exit', proc }));
      const title = `cow-${name.replaceAll(' ', '-')}`;
      return { header: { forklab: 'trace', version: 1, name: title, description: about }, ops: [...ops, ...exits] };
    },
  };
};
