/** The trace so far, and what its processes have: what every random operation is drawn from. */

import type { Op } from '@forklab/core';
import type { Area } from './areas.js';
import type { Draw } from './draw.js';
import type { Layout } from './layout.js';

/** What a process is asked for when it pins a range. */
export interface Pinned {
  readonly proc: string;
  readonly addr: number;
  readonly length: number;
}

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
    return this.draw.pickOr([...this.layouts.keys()].filter((name) => !this.waits.has(name)))!;
  }

  /** A process goes, or drops all that it has. Whoever waits for it goes on, with what both had in common. */
  forget(proc: string): void {
    for (let k = this.pinned.length - 1; k >= 0; k--) if (this.pinned[k]!.proc === proc) this.pinned.splice(k, 1);
    for (const [parent, child] of this.waits) {
      if (child !== proc) continue;
      this.waits.delete(parent);
      this.layouts.set(parent, this.layouts.get(proc) ?? []);
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

  /** Reads what every process can read, so that contents are compared even where no operation looked. */
  readAll(): void {
    for (const [proc, layout] of this.layouts) {
      if (this.waits.has(proc)) continue;
      for (const { start, end, prot, large } of layout)
        if (prot[0] === 'r' && !large) this.ops.push({ op: 'digest', proc, addr: start, length: end - start });
    }
  }
}
