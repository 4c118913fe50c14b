/** Random traces for holding a model against the kernel. */

import { type Advice, type Op, PAGE_SIZE, type Trace } from '@forklab/core';
import { createDraw, type Draw, type Weighted } from './random/draw.js';
import { inherited, type Layout } from './random/layout.js';
import {
  drawDigest,
  drawMadvise,
  drawMlock,
  drawMmap,
  drawMprotect,
  drawMremap,
  drawMunmap,
  drawRead,
  drawTouch,
  drawWrite,
  type Maker,
} from './random/operations.js';

/** What kind of trace. */
export interface RandomTraceOptions {
  /** Any whole number below 2^32. The same options give the same trace. */
  readonly seed: number;
  /** Random operations, besides the first process, its files, samples, and what is read at the end. Default 40. */
  readonly operations?: number;
  /** At most so many processes in all. Default 8. */
  readonly processes?: number;
  /** Default `random-SEED`. */
  readonly name?: string;
  /** Memory files that are mapped and truncated. Default 2; with 0 all memory is anonymous. */
  readonly files?: number;
  /** Whether memory is locked and unlocked. Default true. */
  readonly mlock?: boolean;
  /** Advices that may be given. Default: those about fork, populating and dropping. */
  readonly advices?: readonly Advice[];
  /** Percent of operations that a sample follows. Default 45. There is one at the end in any case. */
  readonly samples?: number;
}

const ADVICES: readonly Advice[] = [
  ...(['dontneed', 'dontneed', 'dontneed', 'dontneed', 'dontfork', 'dontfork', 'dofork', 'wipeonfork'] as const),
  ...(['wipeonfork', 'keeponfork', 'populate_read', 'populate_write'] as const),
];

const FILE_SIZES: Weighted<number> = [
  [2, 1500 * PAGE_SIZE],
  [1, 3000 * PAGE_SIZE],
  [2, 16 * PAGE_SIZE],
  [1, 40 * PAGE_SIZE + 100],
];

type OtherKind = 'fork' | 'exit' | 'exec' | 'truncate';
type Kind = Maker | OtherKind;

const kinds = (mlock: boolean): Weighted<Kind> => [
  [240, drawWrite],
  [100, drawRead],
  [130, drawMmap],
  [70, drawMprotect],
  [70, drawMremap],
  [55, drawMunmap],
  [75, drawMadvise],
  [25, drawDigest],
  [15, drawTouch],
  [mlock ? 20 : 0, drawMlock],
  [90, 'fork'],
  [22, 'exit'],
  [3, 'exec'],
  [12, 'truncate'],
];

/** The trace so far, and what its processes have mapped. */
class Writer {
  readonly ops: Op[] = [];
  readonly layouts = new Map<string, Layout>();
  readonly files: string[] = [];
  readonly #draw: Draw;
  readonly #options: RandomTraceOptions;
  #made = 0;
  #samples = 0;
  #value = 0;

  constructor(draw: Draw, options: RandomTraceOptions) {
    this.#draw = draw;
    this.#options = options;
  }

  begin(): void {
    const proc = this.#newProc([]);
    this.ops.push({ op: 'process', proc });
    for (let k = 0; k < (this.#options.files ?? 2); k++) {
      this.files.push(`f${k}`);
      this.ops.push({ op: 'file', proc, file: `f${k}`, size: this.#draw.weighted(FILE_SIZES) });
    }
  }

  #newProc(layout: Layout): string {
    const name = `p${this.#made++}`;
    this.layouts.set(name, layout);
    return name;
  }

  sample(): void {
    this.ops.push({ op: 'sample', label: `s${this.#samples++}` });
  }

  /** Reads what every process can read, so that contents are compared even where no step of the trace looked. */
  readAll(): void {
    for (const [proc, layout] of this.layouts)
      for (const { start, end, prot } of layout)
        if (prot[0] === 'r') this.ops.push({ op: 'digest', proc, addr: start, length: end - start });
  }

  /** False when this kind of operation had nothing to act on. */
  add(kind: Kind): boolean {
    const proc = this.#draw.pickOr([...this.layouts.keys()])!;
    const layout = this.layouts.get(proc)!;
    if (typeof kind === 'string') return this.#addOther(kind, proc, layout);
    const { files } = this;
    const advices = this.#options.advices ?? ADVICES;
    const nextValue = () => ++this.#value;
    const drawn = kind({ draw: this.#draw, proc, layout, files, advices, nextValue });
    if (drawn === undefined) return false;
    this.ops.push(drawn.op);
    if (drawn.layout) this.layouts.set(proc, drawn.layout);
    return true;
  }

  #addOther(kind: OtherKind, proc: string, layout: Layout): boolean {
    switch (kind) {
      case 'fork':
        if (this.#made >= (this.#options.processes ?? 8)) return false;
        this.ops.push({ op: 'fork', proc, child: this.#newProc(inherited(layout)) });
        return true;
      case 'exit':
        if (this.layouts.size < 2) return false;
        this.ops.push({ op: 'exit', proc });
        this.layouts.delete(proc);
        return true;
      case 'exec':
        if (this.layouts.size < 2) return false;
        this.ops.push({ op: 'exec', proc });
        this.layouts.set(proc, []);
        return true;
      case 'truncate': {
        const file = this.#draw.pickOr(this.files);
        if (file === undefined) return false;
        const size = this.#draw.chance(50) ? this.#draw.weighted(FILE_SIZES) : this.#draw.int(0, 2000) * 2048;
        this.ops.push({ op: 'truncate', file, size });
        return true;
      }
    }
  }
}

/**
 * A trace of random operations: most of them succeed, some fail or fault, and at the end everything readable is read.
 * The same options give the same trace.
 */
export const randomTrace = (options: RandomTraceOptions): Trace => {
  const { seed, operations = 40, name = `random-${seed}`, samples = 45, mlock = true } = options;
  const draw = createDraw(seed);
  const writer = new Writer(draw, options);
  const weights = kinds(mlock);
  writer.begin();
  for (let done = 0; done < operations; ) {
    // There is nothing to access yet in the beginning, and mmap is always possible.
    if (!writer.add(done === 0 ? drawMmap : draw.weighted(weights))) continue;
    done++;
    if (draw.chance(samples)) writer.sample();
  }
  writer.readAll();
  writer.sample();
  const source = { generator: 'randomTrace', seed, operations, processes: options.processes ?? 8 };
  return { header: { forklab: 'trace', version: 1, name, source }, ops: writer.ops };
};
