/** Measures the live kernel, operation by operation, interleaved: load and time move everything, so rounds take turns. */
import { cpus, loadavg, release } from 'node:os';
import type { CostLayout, Costs } from '@forklab/linux';
import { type Measurement, median, type Operation } from '@forklab/timing';

/** What is asked once a round, and which two operations its answer is of. */
interface Asked {
  readonly layout: CostLayout;
  readonly vmas: number;
  readonly ask: 'fork' | 'touch' | 'cow' | 'protect';
  readonly gives: readonly Operation[];
}

const full = (tables: number): CostLayout => ({ tables, pages: 512, spread: false });

/** Sizes in MiB from 16 up to `mib`, doubling: a table maps two. */
const sizes = (mib: number): readonly number[] => {
  const out: number[] = [];
  for (let size = 16; size <= mib; size *= 2) out.push(size / 2);
  return out;
};

const FILLS: readonly CostLayout[] = [
  { tables: 64, pages: 1, spread: false },
  { tables: 192, pages: 1, spread: false },
  { tables: 128, pages: 1, spread: false },
  { tables: 64, pages: 64, spread: false },
  { tables: 64, pages: 64, spread: true },
  { tables: 192, pages: 64, spread: true },
  { tables: 192, pages: 64, spread: false },
  { tables: 128, pages: 64, spread: true },
  { tables: 128, pages: 64, spread: false },
];
const FEW: CostLayout = { tables: 1, pages: 1, spread: false };

/** Everything that is measured. Held out is every third of an operation, so like ones do not stand three apart. */
const plan = (mib: number): readonly Asked[] => {
  const wholes = sizes(mib).map(full);
  const fork = (layout: CostLayout, vmas = 0): Asked => ({ layout, vmas, ask: 'fork', gives: ['fork', 'exit'] });
  const each =
    (ask: 'touch' | 'cow' | 'protect', gives: readonly Operation[]) =>
    (layout: CostLayout): Asked => ({
      layout,
      vmas: 0,
      ask,
      gives,
    });
  return [
    fork(FEW),
    ...wholes.map((layout) => fork(layout)),
    ...FILLS.map((layout) => fork(layout)),
    ...[1000, 4000, 2000, 8000].map((vmas) => fork(FEW, vmas)),
    ...[...wholes, ...FILLS].map(each('touch', ['first touch', 'munmap'])),
    ...wholes.map(each('cow', ['COW fault', 'reuse fault'])),
    ...[...wholes, ...FILLS].map(each('protect', ['mprotect'])),
  ];
};

export interface HostMeasured {
  readonly host: string;
  readonly measurements: readonly Measurement[];
  /** What a flush costs more when another thread runs; null with one processor. */
  readonly shootdownNs: number | null;
  /** Runnable tasks for each processor, at the end. Above 0.5, somebody else was measured, too. */
  readonly load: number;
}

export interface HostOptions {
  readonly rounds: number;
  readonly mib: number;
  readonly onRound: (round: number) => Promise<void>;
}

const askFor = (costs: Costs, { layout, vmas, ask }: Asked) =>
  ask === 'fork' ? costs.fork(layout, vmas) : costs[ask](layout);

export const measureHost = async (costs: Costs, { rounds, mib, onRound }: HostOptions): Promise<HostMeasured> => {
  const asked = plan(mib);
  const seen = asked.map(({ gives }) => gives.map((): number[] => []));
  const alone: number[] = [];
  const beside: number[] = [];
  const processors = cpus();
  for (let round = 0; round < rounds; round++) {
    await onRound(round);
    for (const [i, each] of asked.entries()) {
      const pair = await askFor(costs, each);
      for (const [k] of each.gives.entries()) seen[i]![k]!.push(pair[k]!);
    }
    alone.push((await costs.shoot(0))[0]);
    if (processors.length > 1) beside.push((await costs.shoot(1))[0]);
  }
  const measurements = asked.flatMap(({ layout, vmas, gives }, i) =>
    gives.map((operation, k) => ({ operation, ...layout, vmas, ns: median(seen[i]![k]!) })),
  );
  return {
    host: `${processors[0]?.model ?? 'unknown processor'}, ${processors.length} processors, Linux ${release()}`,
    measurements,
    // Each round of the loop flushes once: making a page writable again needs none.
    shootdownNs: beside.length > 0 ? Math.max(0, median(beside) - median(alone)) : null,
    load: loadavg()[0]! / processors.length,
  };
};
