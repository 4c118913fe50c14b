/**
 * Requests served on top of the machine: an open loop. Each request touches memory of a machine under the strategy, and
 * what that did decides how long it took; forks, the child, locks and flushes of other threads do the rest.
 *
 * Every thread and every child has a processor of its own, and memory is as fast with one busy processor as with many.
 */
import {
  Accessor,
  createRunner,
  findSlot,
  fork,
  type Machine,
  type MachineOptions,
  PAGE_SIZE,
  type ServerLoad,
  type Space,
  touchAddresses,
} from '@forklab/core';
import type { PriceList } from '../price-list.js';
import { nsOf } from '../price-work.js';
import { arrivalTimes } from './arrivals.js';
import { Child } from './child.js';
import { CONTENTION_PRICES, type ContentionPrices } from './contention.js';
import { type ForkEvent, queueSetup, type RequestLog, serveAgain } from './log.js';
import { Queue } from './queue.js';
import { random } from './random.js';
import { type RequestReport, reportOf } from './report.js';
import { WorkClasses } from './work-classes.js';

export interface SimulationOptions {
  /** How the machine is set up, the strategy included. */
  readonly machine: MachineOptions;
  readonly prices: PriceList;
  readonly contention?: ContentionPrices;
  /** Draws arrivals, pages, and which of them are read. */
  readonly seed: number;
}

/** A simulation, and what it takes to serve its requests again at other prices. */
export interface Simulation {
  readonly report: RequestReport;
  readonly log: RequestLog;
  /** From the first fork of a server that goes on serving to the end of its last child; null when there is none. */
  readonly window: readonly [fromNs: number, toNs: number] | null;
}

/** Requests between two yields. */
const SLICE = 4096;

class Simulator {
  readonly machine: Machine;
  readonly #server: Space;
  readonly #classes: WorkClasses;
  readonly #prices: PriceList;
  readonly #ns: number[] = [0];
  readonly queue: Queue;
  readonly children: Child[] = [];
  readonly forks: ForkEvent[] = [];
  readonly #workers: Space[] = [];
  readonly #addresses: Iterator<number>;
  readonly #draw: () => number;
  readonly #foreign: boolean;
  readonly #locks: boolean;
  readonly #forkTimes: readonly number[];
  readonly threads: number;
  readonly oneMm: boolean;
  window: [number, number] | null = null;
  /** Of the request served last: the table whose lock its faults take, and whether others hold that table, too. */
  table = 0;
  foreign = false;

  constructor(
    readonly load: ServerLoad,
    options: SimulationOptions,
  ) {
    const { serving, touches } = load;
    const header = { forklab: 'trace', version: 1, name: 'setup' } as const;
    const runner = createRunner({ header, ops: load.setup }, options.machine);
    while (runner.next());
    this.machine = runner.machine;
    this.#server = this.machine.proc(load.server);
    this.#classes = new WorkClasses(this.machine);
    this.#prices = options.prices;
    this.#draw = random(options.seed + 1);
    this.oneMm = serving.by === 'server';
    this.threads = serving.by === 'server' ? serving.threads : serving.by === 'workers' ? serving.workers : 1;
    this.#forkTimes = serving.by === 'server' ? serving.forksAtNs : [];
    this.queue = new Queue(queueSetup(this, options.contention ?? CONTENTION_PRICES));
    const { strategies } = options.machine;
    this.#foreign = strategies.some(({ traits }) => traits.shootdown !== 'own');
    const shared = strategies.some(({ traits }) => traits.shares !== 'nothing' || traits.hosts.length > 0);
    this.#locks = this.threads > 1 && (this.oneMm || shared);
    const count = Math.max(1, load.requests * touches.pages);
    const zipf = touches.theta === undefined ? {} : { theta: touches.theta };
    const { addr, length, pattern } = touches;
    const op = { op: 'touch', proc: load.server, addr, length, pattern, ...zipf, count, seed: options.seed } as const;
    this.#addresses = touchAddresses(op);
    if (serving.by === 'workers') this.#forkWorkers(serving.workers);
  }

  #costOf = (cls: number): number => {
    for (let i = this.#ns.length; i <= cls; i++) this.#ns.push(nsOf(this.#classes.works[i]!, this.#prices));
    return this.#ns[cls]!;
  };

  readonly #costNow = (): number => this.#costOf(this.#classes.take());

  #forkWorkers(count: number): void {
    for (let i = 0; i < count; i++) this.#workers.push(this.#fork(`${this.load.server}.${i}`)!);
    this.#classes.take();
  }

  /** A child; null when memory is full. */
  #fork(name: string): Space | null {
    return fork(this.machine, this.#server, name, []) === 0 ? this.machine.proc(name) : null;
  }

  /** Forks that are due before a request that arrives then can start. */
  forkIfDue(i: number, arrival: number): void {
    const { serving, touches } = this.load;
    if (serving.by !== 'server') return;
    for (let at = this.#forkTimes[this.forks.length]; at !== undefined; at = this.#forkTimes[this.forks.length]) {
      const start = this.queue.forkStart(at);
      if (start > this.queue.startOf(arrival)) return;
      this.#advance(start);
      const space = this.#fork(`${this.load.server}.${this.forks.length}`);
      const cls = this.#classes.take();
      this.forks.push({ before: i, atNs: at, cls });
      const end = this.queue.fork(at, this.#costOf(cls), this.#classes.flushesOf(cls));
      this.window ??= [start, end];
      if (space) this.children.push(new Child(this.machine, space, serving.child, touches, end));
    }
  }

  #advance(until: number): void {
    for (const child of this.children) {
      child.advance(until, this.#costNow);
      if (child.ended && this.window) this.window[1] = Math.max(this.window[1], child.at);
    }
    for (let i = this.children.length - 1; i >= 0; i--) if (this.children[i]!.ended) this.children.splice(i, 1);
  }

  /** What is left when the last request is answered. */
  finish(): void {
    this.#advance(Number.POSITIVE_INFINITY);
  }

  /** Carries out one request. Answers the class of its work. */
  request(arrival: number): number {
    const { serving } = this.load;
    this.table = 0;
    this.foreign = false;
    if (serving.by === 'children') {
      const space = this.#fork(`${this.load.server}.child`);
      if (space) new Child(this.machine, space, serving.child, this.load.touches, 0).finish(() => 0);
      return this.#classes.take();
    }
    const thread = this.queue.next();
    this.#advance(this.queue.startOf(arrival, thread));
    const space = serving.by === 'workers' ? this.#workers[thread]! : this.#server;
    return this.#touch(space) ? this.#classes.take() : 0;
  }

  /** Touches what one request touches; true when that took a fault. */
  #touch(space: Space): boolean {
    const { pages, readShare } = this.load.touches;
    const { minflt } = space;
    const memory = new Accessor(this.machine, space);
    let faulted = false;
    for (let k = 0; k < pages; k++) {
      const addr = this.#addresses.next().value as number;
      if (!faulted && (this.#locks || this.#foreign)) this.#lookAt(space, addr);
      if (this.#draw() < readShare) memory.translate(addr, false);
      else memory.store(addr, 1);
      faulted ||= space.minflt !== minflt;
    }
    if (!faulted) this.table = 0;
    return faulted;
  }

  /** What a fault at this address would lock, and whether its flush would have to reach other processes. */
  #lookAt(space: Space, addr: number): void {
    const { machine } = this;
    const { spare, tables } = machine;
    const table = findSlot(machine, space, addr - (addr % PAGE_SIZE), null, spare) ? spare.table : 0;
    if (this.#locks) this.table = table;
    this.foreign = this.#foreign && tables.refs[table]! > 1;
  }

  get works(): readonly Float64Array[] {
    return this.#classes.works;
  }

  served(arrival: number, cls: number, userNs: number): number {
    const { table, foreign } = this;
    const faultNs = this.#costOf(cls);
    return this.queue.serve({ arrival, userNs, faultNs, flushes: this.#classes.flushesOf(cls), table, foreign });
  }
}

/** What a request takes outside the kernel: its own, or its child's. */
const userNsOf = ({ serving, userNs }: ServerLoad): number =>
  serving.by === 'children' ? userNs + serving.child.pages * serving.child.perPageNs : userNs;

/** Simulates a load. Yields the share done. The same load, options and seed give the same answer to the last bit. */
export function* simulate(load: ServerLoad, options: SimulationOptions): Generator<number, Simulation> {
  const simulator = new Simulator(load, options);
  const arrivals = arrivalTimes(load.arrivals, load.requests, options.seed);
  const count = arrivals?.length ?? load.requests;
  const classes = new Uint32Array(count);
  const tables = new Uint32Array(count);
  const foreign = new Uint8Array(count);
  const userNs = userNsOf(load);
  let last = 0;
  for (let i = 0; i < count; i++) {
    if (i % SLICE === 0) yield i / count;
    const arrival = arrivals === null ? last : arrivals[i]!;
    simulator.forkIfDue(i, arrival);
    const cls = simulator.request(arrival);
    classes[i] = cls;
    tables[i] = simulator.table;
    foreign[i] = simulator.foreign ? 1 : 0;
    last = simulator.served(arrival, cls, userNs);
  }
  simulator.finish();
  const { threads, oneMm, forks, works, window } = simulator;
  const log: RequestLog = { threads, oneMm, arrivals, count, userNs, classes, tables, foreign, forks, works };
  const answered = serveAgain(log, options.prices, options.contention ?? CONTENTION_PRICES);
  return { report: reportOf(log, answered, window), log, window };
}
