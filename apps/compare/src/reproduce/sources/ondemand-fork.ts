/** Tables and figures of the On-Demand-Fork paper. @paper EuroSys 2021, doi 10.1145/3447786.3456258 */
import type { Op, StrategyPlugin } from '@forklab/core';
import { findWorkload } from '@forklab/workloads';
import type { Experiment, Row, Tools } from '../experiment.js';
import { priced, ratio, type Span, timed } from '../run.js';

const GIB = 2 ** 30;
const ADDR = 2 ** 44;
const isFork = (op: Op): boolean => op.op === 'fork';

const forkOf = ({ run }: Tools, gib: number, strategies: readonly StrategyPlugin[]): Span => {
  const { trace } = findWorkload('microbench').make({ mib: gib * 1024, forks: 1 });
  const ops = trace.ops.slice(0, trace.ops.findIndex(isFork) + 1);
  return priced(run(ops, strategies).work(isFork));
};

/** GB, ms of one process, ms of On-Demand-Fork. */
const FIGURE_7 = [
  [0.5, 3.63, 0.081],
  [1, 6.54, 0.1],
  [2, 11.87, 0.137],
  [4, 22.15, 0.201],
  [8, 42.5, 0.298],
] as const;

export const forkLatency: Experiment = {
  name: 'fork-latency',
  title: 'Fork by size of memory, ms',
  source: 'figures 2 and 7',
  about: 'Private memory, all written; the child exits at once. The largest sizes (16 to 50 GB) follow the same lines.',
  *rows(tools) {
    const rows: Row[] = [];
    for (const [gib, classicMs, odfMs] of FIGURE_7) {
      const old = forkOf(tools, gib, tools.classic);
      yield;
      const fresh = forkOf(tools, gib, tools.ondemandFork);
      yield;
      rows.push(
        timed(`fork, ${gib} GB`, classicMs, old),
        timed(`On-Demand-Fork, ${gib} GB`, odfMs, fresh),
        ratio(`On-Demand-Fork over fork, ${gib} GB`, odfMs / classicMs, fresh, old),
      );
    }
    return rows;
  },
};

export const faultLatency: Experiment = {
  name: 'fault-latency',
  title: 'The first write of a child into 1 GB, ms',
  source: 'table 1',
  about: 'The child writes one byte in the middle. Huge pages (0.1984 ms) are another experiment.',
  *rows({ run, classic, ondemandFork }) {
    const child: Op = { op: 'write', proc: 'c1', addr: ADDR + GIB / 2, length: 1, value: 9 };
    const { ops } = findWorkload('microbench').make({ forks: 1 }).trace;
    const at = ops.findIndex(isFork) + 1;
    const all = [...ops.slice(0, at), child, ...ops.slice(at)];
    const fault = (op: Op): boolean => op === child;
    const old = priced(run(all, classic).work(fault));
    yield;
    const fresh = priced(run(all, ondemandFork).work(fault));
    yield;
    return [
      timed('fork, copying a page', 0.0023, old, 'the price stands between this and faults in order, a quarter of it'),
      timed('On-Demand-Fork, copying a table and a page', 0.0122, fresh),
      ratio('On-Demand-Fork over fork', 0.0122 / 0.0023, fresh, old),
    ];
  },
};

/** Share touched, reduction of the sum in percent: all writes, and all reads. */
const FIGURE_8 = [
  [0, 99.6, 99.7],
  [0.01, 75.4, 89.5],
  [0.1, 24.6, 46.9],
  [0.5, 7.3, 15],
  [1, 4.5, 8.2],
] as const;

/** Copying a page through a buffer, from the all-read line: (1 / 0.082 - 1) x 254 ms for 13.1 million pages. */
const COPY_NS = 230;

export const forkAndTouch: Experiment = {
  name: 'fork-and-touch',
  title: 'Fork, then touching a part of memory: On-Demand-Fork over fork',
  source: 'figure 8',
  about:
    '512 MiB (8 GiB where nothing is touched) instead of 50 GB: both costs are linear in size. Copying 4 KiB through a buffer, ' +
    'which both pay, takes 230 ns: so much is left of the all-read line of the figure itself.',
  *rows({ run, classic, ondemandFork }) {
    const cost = (strategies: readonly StrategyPlugin[], touched: number, read: number): Span => {
      const mib = touched === 0 ? 8192 : 512;
      const { ops } = findWorkload('microbench').make({ mib, forks: 1, touched, read }).trace;
      const start = ops.findIndex(isFork);
      const until = ops.slice(
        0,
        ops.findIndex(({ op }) => op === 'exit'),
      );
      return priced(
        run(until, strategies).work((_op, i) => i >= start),
        touched * mib * 256 * COPY_NS,
      );
    };
    let spans: { old: Span; fresh: Span | null } = { old: { ns: 0, low: 0, high: 0 }, fresh: null };
    const rows: Row[] = [];
    for (const [touched, written, read] of FIGURE_8) {
      for (const [reads, reduction] of [
        [0, written],
        [1, read],
      ] as const) {
        // Where nothing is touched, it is the same fork twice.
        if (touched > 0 || reads === 0) spans = { old: cost(classic, touched, reads), fresh: null };
        yield;
        spans.fresh ??= cost(ondemandFork, touched, reads);
        yield;
        const what = `${touched * 100} % touched, all ${reads === 1 ? 'read' : 'written'}`;
        rows.push(
          ratio(what, 1 - reduction / 100, spans.fresh, spans.old, {
            why: 'the paper says that caches are warmer after a cheap fork, which no price holds',
            // What is left at 100 % is a few percent, on either side of nothing to our prices.
            expect: touched >= 0.5 ? 'direction' : 'ratio',
          }),
        );
      }
    }
    return rows;
  },
};
