/** A forked child that works beside the server, on a processor of its own, and then ends. */
import { Accessor, type ChildWork, exec, exit, type Machine, type Space, type Touches } from '@forklab/core';

/** What a child's own faults cost, asked after each of them. */
export type CostOf = () => number;

export class Child {
  /** How far it has got, in nanoseconds and in pages. */
  at: number;
  #page = 0;
  #ended = false;

  constructor(
    readonly machine: Machine,
    readonly space: Space,
    readonly work: ChildWork,
    readonly range: Pick<Touches, 'addr' | 'length'>,
    start: number,
  ) {
    this.at = start;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Lets it work until then. Reads of pages that it shares change nothing, so only its writes are carried out. */
  advance(until: number, costOf: CostOf): void {
    const { pages, perPageNs, writesEvery } = this.work;
    while (!this.#ended && this.at < until) {
      if (this.#page >= pages) this.#end(costOf);
      else if (writesEvery === 0) {
        const left = pages - this.#page;
        const now = perPageNs > 0 ? Math.min(left, Math.max(1, Math.ceil((until - this.at) / perPageNs))) : left;
        this.#page += now;
        this.at += now * perPageNs;
      } else this.#step(costOf);
    }
  }

  #step(costOf: CostOf): void {
    const { perPageNs, writesEvery, strideBytes } = this.work;
    this.at += perPageNs;
    if (this.#page % writesEvery === 0) {
      const { addr, length } = this.range;
      new Accessor(this.machine, this.space).store(addr + ((this.#page * strideBytes) % length), 1);
      this.at += costOf();
    }
    this.#page++;
  }

  #end(costOf: CostOf): void {
    if (this.work.ends === 'exec') exec(this.machine, this.space.name);
    exit(this.machine, this.space.name);
    this.at += costOf();
    this.#ended = true;
  }

  /** All of its work at once, for a server that waits for it. */
  finish(costOf: CostOf): number {
    this.advance(Number.POSITIVE_INFINITY, costOf);
    return this.at;
  }
}
