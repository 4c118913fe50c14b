/** What `forklab bench` measures, round after round: the engine, the kernel and a C loop, one after the other. */
import { isForklabError } from '@forklab/core';
import { openProbe, type Probe } from '@forklab/linux';
import { classic } from '@forklab/strategy-classic';
import { cowPte } from '@forklab/strategy-cow-pte';
import { Engine, type Pair } from './engine.js';

export interface BenchOptions {
  readonly rounds: number;
  /** MiB that is forked. A multiple of 2. */
  readonly mib: number;
  /** Called before each round. */
  readonly onRound: (round: number) => Promise<void>;
}

/** Medians over the rounds, nanoseconds a page, but for `share`: nanoseconds in all. null: no native probe here. */
export interface BenchResult {
  readonly mib: number;
  readonly pages: number;
  readonly rounds: number;
  readonly rows: readonly BenchRow[];
  readonly bytesPerPage: number;
  /** Why there is no kernel to compare with; null when there is. */
  readonly withoutKernel: string | null;
}

export interface BenchRow {
  readonly what: string;
  readonly unit: 'ns a page' | 'ns';
  readonly engine: number;
  readonly kernel: number | null;
  readonly loop: number | null;
}

/** Pages that `fresh` and `cow` touch: enough to be steady, few enough to be quick. */
const TOUCHED_MIB = 64;
const WARM_UP_ROUNDS = 5;
const SHARES_PER_ROUND = 5;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;

/** What one side answered over the rounds. */
class Series {
  readonly #pairs: Pair[] = [];

  add(pair: Pair): void {
    this.#pairs.push(pair);
  }

  /** Median of the first or second figure, or of their sum, over `units`. */
  per(units: number, which: 0 | 1 | 'sum'): number {
    return median(this.#pairs.map(([a, b]) => (which === 'sum' ? a + b : which === 0 ? a : b))) / units;
  }
}

const openProbeOr = async (): Promise<{ probe: Probe | null; why: string | null }> => {
  try {
    return { probe: await openProbe(), why: null };
  } catch (error) {
    if (isForklabError(error)) return { probe: null, why: error.what };
    throw error;
  }
};

export const bench = async ({ rounds, mib, onRound }: BenchOptions): Promise<BenchResult> => {
  const pages = mib * 256;
  const touched = TOUCHED_MIB * 256;
  const copying = new Engine(classic());
  const sharing = new Engine(cowPte());
  for (const engine of [copying, sharing]) engine.populate(mib);
  const { bytesPerPage } = copying;
  for (let i = 0; i < WARM_UP_ROUNDS; i++) for (const e of [copying, sharing]) [e.fork(), e.fresh(8), e.cow(8)];
  const { probe, why } = await openProbeOr();
  const [fork, fresh, cow, share] = [new Series(), new Series(), new Series(), new Series()];
  const [kernelFork, kernelFresh, kernelCow, loop] = [new Series(), new Series(), new Series(), new Series()];
  try {
    for (let round = 0; round < rounds; round++) {
      await onRound(round);
      fork.add(copying.fork());
      if (probe) loop.add(await probe.loop(pages));
      if (probe) kernelFork.add(await probe.fork(mib));
      // So short that the first one after other work measures how cold the caches are: several, as in a loop of forks.
      for (let i = 0; i < SHARES_PER_ROUND; i++) share.add(sharing.fork());
      fresh.add(copying.fresh(TOUCHED_MIB));
      if (probe) kernelFresh.add(await probe.fresh(TOUCHED_MIB));
      cow.add(copying.cow(TOUCHED_MIB));
      if (probe) kernelCow.add(await probe.cow(TOUCHED_MIB));
    }
  } finally {
    probe?.close();
  }
  const row = (
    what: string,
    ours: Series,
    theirs: Series,
    units: number,
    which: 0 | 1 | 'sum',
    c = false,
  ): BenchRow => ({
    what,
    unit: 'ns a page',
    engine: ours.per(units, which),
    kernel: probe ? theirs.per(units, which) : null,
    loop: probe && c ? loop.per(units, which) : null,
  });
  return {
    mib,
    pages,
    rounds,
    rows: [
      row('classic fork', fork, kernelFork, pages, 0, true),
      row('exit of the child', fork, kernelFork, pages, 1, true),
      row('fork and exit', fork, kernelFork, pages, 'sum', true),
      row('first write', fresh, kernelFresh, touched, 0),
      row('munmap', fresh, kernelFresh, touched, 1),
      row('write that copies', cow, kernelCow, touched, 0),
      row('write that reuses', cow, kernelCow, touched, 1),
      { what: `cow-pte fork, ${mib / 2} tables`, unit: 'ns', engine: share.per(1, 0), kernel: null, loop: null },
    ],
    bytesPerPage,
    withoutKernel: why,
  };
};
