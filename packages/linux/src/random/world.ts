/** The trace so far, and what its processes have: what every random operation is drawn from. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { Area } from './areas.js';
import type { Draw } from './draw.js';
import { isCovered, type Layout } from './layout.js';
import { drawRange, type Range } from './places.js';

/** What a process is asked for when it pins a range. */
export interface Pinned {
  readonly proc: string;
  readonly addr: number;
  readonly length: number;
}

/** Percent of operations that stay where the last one was. */
const STAYS = 45;

/** How much of a mapping is written in the end. */
const LAST_WRITE_BYTES = 16 * PAGE_SIZE;

export class World {
  readonly ops: Op[] = [];
  readonly draw: Draw;
  readonly areas: ReadonlySet<Area>;
  readonly processesMax: number;
  /** What each live process has mapped, in order of creation. */
  readonly layouts = new Map<string, Layout>();
  readonly files: string[] = [];
  readonly pinned: Pinned[] = [];
  /** Processes that stand still until their vfork child leaves, and that child. */
  readonly waits = new Map<string, string>();
  /** Where the heap of a process begins. */
  readonly heaps = new Map<string, number>();
  /** What the last operations were about. Bugs show where several meet, so the next one often is about the same. */
  #lastProc: string | undefined;
  #lastRange: Range | undefined;
  #made = 0;
  #samples = 0;
  #value = 0;

  constructor(draw: Draw, areas: ReadonlySet<Area>, processesMax: number) {
    this.draw = draw;
    this.areas = areas;
    this.processesMax = processesMax;
  }

  /** Whether there may be one more process. */
  get mayGrow(): boolean {
    return this.#made < this.processesMax;
  }

  newProc(layout: Layout): string {
    const name = `p${this.#made++}`;
    this.layouts.set(name, layout);
    return name;
  }

  /** A process that can do something now. There always is one: whoever waits, waits for somebody. */
  drawProc(): string {
    const last = this.#lastProc;
    if (last !== undefined && this.draw.chance(STAYS) && this.layouts.has(last) && !this.waits.has(last)) return last;
    this.#lastProc = this.draw.pickOr([...this.layouts.keys()].filter((name) => !this.waits.has(name)))!;
    return this.#lastProc;
  }

  /** A range of this layout; often that of the operation before, whoever did it. */
  drawRange(layout: Layout): Range | undefined {
    const last = this.#lastRange;
    if (last && this.draw.chance(STAYS) && isCovered(layout, last.addr, last.addr + last.length)) return last;
    this.#lastRange = drawRange(this.draw, layout);
    return this.#lastRange;
  }

  /** A process goes, or drops all that it has. Whoever waits for it goes on, with what both had in common. */
  forget(proc: string): void {
    for (let k = this.pinned.length - 1; k >= 0; k--) if (this.pinned[k]!.proc === proc) this.pinned.splice(k, 1);
    for (const [parent, child] of this.waits) {
      if (child !== proc) continue;
      this.waits.delete(parent);
      this.layouts.set(parent, this.layouts.get(proc) ?? []);
      const heap = this.heaps.get(proc);
      if (heap !== undefined) this.heaps.set(parent, heap);
    }
    this.heaps.delete(proc);
  }

  sample(): void {
    this.ops.push({ op: 'sample', label: `s${this.#samples++}` });
  }

  /** A value that no write stored before. */
  nextValue(): number {
    return ++this.#value;
  }

  /** Writes to the begin of whatever can be written: entries that lost a right too many, or too few, show as faults. */
  writeAll(): void {
    for (const [proc, layout] of this.layouts) {
      if (this.waits.has(proc)) continue;
      for (const { start, end, prot } of layout) {
        if (prot[1] !== 'w') continue;
        const length = Math.min(end - start, LAST_WRITE_BYTES);
        this.ops.push({ op: 'write', proc, addr: start, length, value: this.nextValue() });
      }
    }
  }

  /** Reads what every process can read, so that contents are compared even where no operation looked. */
  readAll(): void {
    for (const [proc, layout] of this.layouts) {
      if (this.waits.has(proc)) continue;
      for (const { start, end, prot, large } of layout)
        if (prot[0] === 'r' && !large) this.ops.push({ op: 'digest', proc, addr: start, length: end - start });
    }
  }
}
