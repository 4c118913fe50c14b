/** The engine's side of `forklab bench`: the same operations that the native probe does, on the model. */
import { createRunner, type Op, PAGE_SIZE, type Runner, type StrategyPlugin, type Trace } from '@forklab/core';

const BASE = 0x100000000000;
const MIB = 2 ** 20;

/** Nanoseconds of one round; what the probe answers, too. */
export type Pair = readonly [first: number, second: number];

const timed = (work: () => void): number => {
  const start = performance.now();
  work();
  return (performance.now() - start) * 1e6;
};

/** A machine that can be asked again and again. Operations are appended as they are wanted. */
export class Engine {
  readonly #ops: Op[] = [];
  readonly #runner: Runner;
  #children = 0;

  constructor(strategy: StrategyPlugin) {
    const header = { forklab: 'trace', version: 1, name: 'bench' } as const;
    const trace: Trace = { header, ops: this.#ops };
    this.#runner = createRunner(trace, { strategies: [strategy] });
    this.#do({ op: 'process', proc: 'p' });
  }

  #do(op: Op): void {
    this.#ops.push(op);
    this.#runner.next();
  }

  #map(at: number, mib: number): void {
    this.#do({ op: 'mmap', proc: 'p', addr: at, length: mib * MIB, prot: 'rw-', flags: ['private', 'anonymous'] });
  }

  #write(at: number, mib: number): void {
    this.#do({ op: 'write', proc: 'p', addr: at, length: mib * MIB });
  }

  /** Maps and writes `mib` MiB that `fork` then forks. */
  populate(mib: number): void {
    this.#map(BASE, mib);
    this.#write(BASE, mib);
  }

  /** Fork, and exit of the child. */
  fork(): Pair {
    const child = `c${this.#children++}`;
    const forked = timed(() => this.#do({ op: 'fork', proc: 'p', child }));
    return [forked, timed(() => this.#do({ op: 'exit', proc: child }))];
  }

  /** First write to every page of fresh memory, and its munmap. */
  fresh(mib: number): Pair {
    const at = BASE + 2 ** 39;
    this.#map(at, mib);
    const touched = timed(() => this.#write(at, mib));
    return [touched, timed(() => this.#do({ op: 'munmap', proc: 'p', addr: at, length: mib * MIB }))];
  }

  /** A write to every page that copies it, and one that finds itself alone. */
  cow(mib: number): Pair {
    const at = BASE + 2 ** 40;
    this.#map(at, mib);
    this.#write(at, mib);
    this.#do({ op: 'fork', proc: 'p', child: 'held' });
    const copied = timed(() => this.#write(at, mib));
    this.#do({ op: 'exit', proc: 'held' });
    this.#do({ op: 'fork', proc: 'p', child: 'gone' });
    this.#do({ op: 'exit', proc: 'gone' });
    const reused = timed(() => this.#write(at, mib));
    this.#do({ op: 'munmap', proc: 'p', addr: at, length: mib * MIB });
    return [copied, reused];
  }

  /** Bytes of the engine's own arrays for each resident page. */
  get bytesPerPage(): number {
    const { engineBytes, framesKb } = this.#runner.machine.usage();
    return engineBytes / ((framesKb * 1024) / PAGE_SIZE);
  }
}
