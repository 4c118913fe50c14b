/** Applications of the On-Demand-Fork paper, and of the COW-PTE postings after it. */
import type { Op, ServerLoad, StrategyPlugin } from '@forklab/core';
import { epyc7302p, simulate } from '@forklab/timing';
import { findWorkload } from '@forklab/workloads';
import type { Experiment, Row, Tools } from '../experiment.js';
import { priced, ratio, type Span, timed } from '../run.js';

const isFork = (op: Op): boolean => op.op === 'fork';

/** One execution of a server that forks for each: everything from the fork to the end of the child, and its work. */
const execution = ({ run }: Tools, name: string, strategies: readonly StrategyPlugin[]): Span => {
  const workload = findWorkload(name);
  const { trace } = workload.make({ children: 3 });
  const { workNs } = workload.parameters;
  const ran = run(trace.ops, strategies);
  // The second child: the first may meet tables in another state.
  const of = (op: Op): boolean =>
    (op.op === 'fork' && op.child === 'child2') || ('proc' in op && op.proc === 'child2' && op.op !== 'fork');
  return priced(ran.work(of), Number(workNs!.default));
};

const executions = (
  name: string,
  workload: string,
  title: string,
  source: string,
  published: readonly (readonly [what: string, old: number, fresh: number])[],
): Experiment => ({
  name,
  title,
  source,
  about: `The workload ${workload}, with the assumptions that forklab workloads ${workload} prints; executions a second, inverted.`,
  *rows(tools) {
    const old = execution(tools, workload, tools.classic);
    yield;
    const fresh = execution(tools, workload, tools.ondemandFork);
    yield;
    return published.map(([what, before, after]) =>
      ratio(what, before / after, fresh, old, {
        why: 'what a child writes and computes is not published; what computing takes was set from these very figures',
      }),
    );
  },
});

export const afl = executions(
  'afl',
  'fork-server',
  'AFL on SQLite: time of an execution, shared tables over fork',
  'On-Demand-Fork section 5.3.1; RFC v2 cover letter',
  [
    ['On-Demand-Fork: 63 to 206 a second', 63, 206],
    ['COW-PTE v2 in QEMU: 53.86 to 503.67 a second', 53.86, 503.67],
  ],
);

export const vmClone = executions(
  'vm-clone',
  'vm-clone',
  'TriforceAFL: time of an execution, shared tables over fork',
  'On-Demand-Fork section 5.3.4; RFC v2 cover letter',
  [
    ['On-Demand-Fork: 91 to 145 a second', 91, 145],
    ['COW-PTE v2 in QEMU: 96.44 to 124.31 a second', 96.44, 124.31],
  ],
);

export const sqlite: Experiment = {
  name: 'sqlite',
  title: 'SQLite unit tests in forks of 1078 MB, ms',
  source: 'On-Demand-Fork tables 2 and 3',
  about: 'The workload unit-tests.',
  *rows(tools) {
    const { trace } = findWorkload('unit-tests').make({ children: 3 });
    const fork = (op: Op): boolean => op.op === 'fork' && op.child === 'child2';
    const test = (op: Op): boolean => op.op === 'write' && op.proc === 'child2';
    const forks: Span[] = [];
    const tests: Span[] = [];
    for (const strategies of [tools.classic, tools.ondemandFork]) {
      const ran = tools.run(trace.ops, strategies);
      yield;
      forks.push(priced(ran.work(fork)));
      tests.push(priced(ran.work(test)));
    }
    const dearer = {
      ns: tests[1]!.ns - tests[0]!.ns,
      low: tests[1]!.low - tests[0]!.low,
      high: tests[1]!.high - tests[0]!.high,
    };
    const why = 'the paper’s own figure 7 has 6.9 ms for this size: an application forks dearer';
    return [
      timed('forking, fork', 13.15, forks[0]!, why),
      timed('forking, On-Demand-Fork', 0.12, forks[1]!),
      ratio('forking', 0.12 / 13.15, forks[1]!, forks[0]!),
      timed('testing is dearer under On-Demand-Fork by (0.21 and 0.18)', 0.03, dearer),
    ];
  },
};

export const redisFork: Experiment = {
  name: 'redis-fork',
  title: 'The fork of a Redis of 996 MB, ms',
  source: 'On-Demand-Fork table 5: latest_fork_usec, mean of five snapshots',
  about: 'The workload redis-snapshot; the fork alone.',
  *rows({ run, classic, ondemandFork }) {
    const { ops } = findWorkload('redis-snapshot').make().trace;
    const until = ops.slice(0, ops.findIndex(isFork) + 1);
    const old = priced(run(until, classic).work(isFork));
    yield;
    const fresh = priced(run(until, ondemandFork).work(isFork));
    yield;
    return [
      timed('fork', 7.4, old),
      timed('On-Demand-Fork', 0.12, fresh),
      ratio('On-Demand-Fork over fork', 0.12 / 7.4, fresh, old),
    ];
  },
};

function* latencies(load: ServerLoad, strategies: readonly StrategyPlugin[]) {
  const work = simulate(load, { machine: { strategies }, prices: epyc7302p, seed: 1 });
  for (;;) {
    const { done, value } = work.next();
    if (done) return value.report.during ?? value.report.all;
    yield;
  }
}

const direction = (what: string, published: number, fresh: number, old: number, why: string): Row => {
  const span = (ns: number): Span => ({ ns, low: ns, high: ns });
  return ratio(what, published, span(fresh), span(old), { expect: 'direction', why });
};

export const redisLatency: Experiment = {
  name: 'redis-latency',
  title: 'Requests to Redis during a snapshot: On-Demand-Fork over fork',
  source: 'On-Demand-Fork table 4: p50 4.319 to 3.871 ms, p99.99 16.255 to 5.535 ms',
  about:
    'The workload redis-snapshot. The paper drives a closed loop of 3 x 2000 pipelined requests, whose latency is that of a whole ' +
    'batch; ours is an open loop, so only the tail, where the fork is, can be compared.',
  *rows(tools) {
    const load = findWorkload('redis-snapshot').make().load!;
    const old = yield* latencies(load, tools.classic);
    const fresh = yield* latencies(load, tools.ondemandFork);
    const why = 'an open loop of single requests has no batches to dilute the stall in';
    return [
      direction('p99.99', 5.535 / 16.255, fresh.p9999, old.p9999, why),
      direction('p99.9', 4.799 / 6.335, fresh.p999, old.p999, why),
    ];
  },
};

export const apache: Experiment = {
  name: 'apache',
  title: 'Requests to a prefork server of 7 MB: no effect',
  source: 'On-Demand-Fork tables 6 and 7: mean 34.3 and 33.7 us, p90 38.0 and 39.8 us',
  about: 'The workload prefork-server. A negative result: the difference is below one standard deviation.',
  *rows(tools) {
    const load = findWorkload('prefork-server').make().load!;
    const old = yield* latencies(load, tools.classic);
    const fresh = yield* latencies(load, tools.ondemandFork);
    const why = 'nothing changes, here as there';
    return [
      direction('mean', 33.7 / 34.3, fresh.mean, old.mean, why),
      direction('p50', 32.4 / 35, fresh.p50, old.p50, why),
      direction('p90', 39.8 / 38, fresh.p90, old.p90, why),
    ];
  },
};
