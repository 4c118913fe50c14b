/**
 * SAMPLE DATA, MADE UP. A generator of comparison documents for developing and testing the HTML report. The numbers
 * follow a toy formula (so many ns a table and entry) that gives charts a plausible shape; none was measured, and none
 * may be quoted.
 */
import { WORKS } from '@forklab/core';
import { type Comparison, comparisonSchema, type InputResult, type StrategyResult } from '../src/document.js';
import { ROW_DOCS, ROW_GROUPS, ROW_KEYS } from '../src/row-docs.js';

/** Names such as a trace may carry when somebody means harm. Each must come out as text, letter by letter. */
export const HOSTILE = {
  image: '<img src=x onerror="window.harmed=1">',
  script: '</script><script>window.harmed=2</script>',
  comment: '<!--<script>',
  dollars: "$& $1 $' $`",
  proto: '__proto__',
  link: 'javascript:window.harmed=3',
} as const;

interface ToyStrategy {
  readonly name: string;
  readonly shares: boolean;
  /** Toy nanoseconds of one fork. */
  readonly forkNs: number;
  /** Toy nanoseconds of one fault that meets a shared table. */
  readonly breakNs: number;
}

const TOYS: readonly ToyStrategy[] = [
  { name: 'classic', shares: false, forkNs: 9_500_000, breakNs: 0 },
  { name: 'cow-pte', shares: true, forkNs: 156_000, breakNs: 40_000 },
  { name: 'ondemand-fork', shares: true, forkNs: 300_000, breakNs: 41_000 },
  { name: 'mshare', shares: false, forkNs: 9_400_000, breakNs: 0 },
];

const STEPS = 60;
const FORK_AT = 20;
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const BROKEN = 75;

const RSS = { rssAnon: 475_440, rssFile: 0, rssShmem: 9_492, swap: 0 };
const PROCESS = { ...RSS, vmPte: 1_024, pss: 484_932, private: 484_932, shared: 0, vmas: 118, mm: RSS };

const rowsOf = (toy: ToyStrategy): StrategyResult['rows'] => {
  const rows = Object.fromEntries(ROW_KEYS.map((key) => [key, 0])) as StrategyResult['rows'];
  const after = 60_000_000 + BROKEN * toy.breakNs;
  return {
    ...rows,
    forks: 1,
    forkNs: toy.forkNs,
    forkNsMax: toy.forkNs * 1.5,
    forkNsTotal: toy.forkNs,
    requests: 300_000,
    requestNsP50: 700,
    requestNsP999: 2_090 + toy.forkNs / 2,
    requestNsMax: toy.forkNs,
    faultNsP50: 2_090,
    faultNsP99: 2_090 + toy.breakNs / 20,
    faultNsP999: 2_090 + toy.breakNs / 2,
    faultNsMax: 2_090 + toy.breakNs,
    afterForkNsTotal: after,
    sinceForkNsTotal: toy.forkNs + after,
    totalNs: 190_000_000 + after + toy.forkNs,
    pageTablesKbMax: toy.shares ? 1_436 : 2_120,
    pageTablesKbAfterFork: toy.shares ? 1_048 : 2_032,
    framesKbMax: 602_368,
    tablesShared: toy.shares ? 246 : 0,
    tablesBroken: toy.shares ? BROKEN : 0,
    minorFaults: 150_357,
    unchargedTablesMax: toy.shares ? 64 : 0,
  };
};

const seriesOf = (toy: ToyStrategy): StrategyResult['series'] => {
  const step = Array.from({ length: STEPS }, (_, i) => i * 10);
  const forked = (at: number): boolean => at >= FORK_AT;
  return {
    step,
    ns: step.map((_, i) => i * 4_000_000 + (forked(i) ? toy.forkNs : 0)),
    pageTablesKb: step.map((_, i) => 1_000 + (forked(i) ? (toy.shares ? 4 * (i - FORK_AT) : 1_000) : 0)),
    framesKb: step.map((_, i) => 480_000 + i * 2_000),
  };
};

const requestsOf = (toy: ToyStrategy): StrategyResult['requests'] => {
  const atNs = Array.from({ length: STEPS }, (_, i) => (i + 1) * 10_000_000);
  return {
    window: [100_000_000, 400_000_000],
    spent: { userNs: 700, faultNs: 200, queueNs: 50, mmapLockNs: 0, tableLockNs: 0, shootdownNs: 0 },
    series: {
      atNs,
      perSecond: atNs.map((_, i) => (i === 10 && !toy.shares ? 10_000 : 50_000)),
      worstNs: atNs.map((_, i) => (i === 10 ? toy.forkNs : 3_000 + toy.breakNs)),
    },
  };
};

const strategyOf = (toy: ToyStrategy): StrategyResult => ({
  name: toy.name,
  label: toy.name,
  options: {},
  parts: [{ name: toy.name, options: {} }],
  models: [{ title: `sample: ${toy.name}`, where: 'made up', url: 'https://example.org/' }],
  traits: { shares: toy.shares ? 'pte-tables' : 'nothing', hosts: [], keepsPins: true },
  rows: rowsOf(toy),
  byWhy: toy.shares ? { tablesBroken: { fault: BROKEN - 1, dontneed: 1 } } : {},
  costs: { byWork: Object.fromEntries(WORKS.slice(0, 14).map((work, i) => [work, (14 - i) ** 3 * 10_000])) },
  faults: [
    { kind: 'page copied', ns: 2_090, count: 18_000 },
    { kind: 'shared table broken, page copied', ns: 2_090 + toy.breakNs, count: toy.shares ? BROKEN : 0 },
  ],
  series: seriesOf(toy),
  requests: requestsOf(toy),
  samples: [{ label: 'end', procs: { p0: PROCESS }, machine: { pageTables: 1_024, frames: 486_036, uncharged: 0 } }],
  violations: [],
  unmodelled: [],
});

const breakEvenOf = (): InputResult['breakEven'] => ({
  points: TOYS.slice(1).map((toy) => ({
    strategy: toy.name,
    of: 'tables',
    share: toy.shares ? 0.6 : null,
    says: toy.shares ? 'costs more than classic above 60 %' : 'never costs more than classic',
  })),
  curves: TOYS.map((toy) => ({
    strategy: toy.name,
    of: 'tables',
    x: [...SHARES],
    y: SHARES.map((share) => (toy.shares ? 16_000_000 + share * 14_000_000 : 24_000_000 + share * 600_000)),
  })),
  layout: null,
});

const inputOf = (name: string): InputResult => ({
  name,
  description: 'sample data, made up',
  path: 'sample.jsonl',
  operations: STEPS * 10,
  source: { kind: 'sample' },
  strategies: TOYS.map(strategyOf),
  verdict: 'Sample: a fork is cheapest under cow-pte. The whole trace costs the same. Nothing here was measured.',
  stability: { survives: true, says: 'The order survives.', flips: [] },
  breakEven: breakEvenOf(),
});

const documentOf = (inputs: InputResult[]): Comparison =>
  comparisonSchema.parse({
    forklab: 'comparison',
    version: 1,
    inputs,
    rowDocs: Object.fromEntries(
      ROW_KEYS.map((key) => {
        const { group, label, unit, says } = ROW_DOCS[key];
        return [key, { group: ROW_GROUPS[group], label, unit, says }];
      }),
    ),
    prices: {
      name: 'sample',
      about: 'made up',
      prices: { forks: { ns: 50_000, low: 1, high: 90_000, unit: 'ns per fork', source: 'made up', kind: 'assumed' } },
    },
    config: { machine: { check: true } },
    configHash: '0123456789abcdef',
    seed: 7,
    versions: { '@forklab/core': '0.0.0-sample' },
    replay: 'forklab compare sample.jsonl',
  } satisfies Comparison);

/** Two inputs under four strategies, all parts filled. */
export const sampleComparison = (): Comparison => documentOf([inputOf('sample-one'), inputOf('sample-two')]);

/** The same with hostile text wherever a trace, a strategy or a configuration of somebody else's can put text. */
export const hostileComparison = (): Comparison => {
  const { image, script, comment, dollars, proto, link } = HOSTILE;
  const [first, second] = [inputOf(`input ${image}`), inputOf(script)];
  const [classic, other, third, fourth] = first.strategies;
  Object.assign(other!, { name: image, label: image, models: [{ title: script, where: comment, url: link }] });
  Object.assign(third!, { name: script, label: script, options: { [proto]: image, depth: dollars } });
  Object.assign(fourth!, { name: proto, label: proto, traits: { [image]: script } });
  other!.violations = [{ invariant: image, says: script, step: 3, detail: `${comment} ${dollars}` }];
  other!.rows.violations = 1;
  other!.unmodelled = [{ site: image, count: 2 }];
  other!.byWhy = { tablesBroken: { [image]: 3 } };
  other!.costs = { byWork: { [image]: 5_000_000, [script]: 4_000_000 } };
  other!.faults = [{ kind: image, ns: 900, count: 4 }];
  classic!.samples[0]!.procs = { [image]: PROCESS };
  first.verdict = `${script} ${dollars}`;
  first.description = image;
  first.source = { kind: script, [image]: image, third: dollars };
  first.stability = {
    survives: false,
    says: image,
    flips: [{ row: image, price: script, direction: comment, pair: [image, script] }],
  };
  first.breakEven.points = [{ strategy: image, of: 'tables', share: 0.4, says: script }];
  first.breakEven.curves[1]!.strategy = image;
  const document = documentOf([first, second]);
  return { ...document, replay: script, versions: { [image]: script }, configHash: dollars };
};
