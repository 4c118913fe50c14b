/**
 * The comparison as a document: what `compare --json` prints and `report/comparison.json` holds, and what every reporter
 * folds. docs/reference/comparison.schema.json is made from this file, and a test holds the two together.
 */
import { z } from 'zod';
import { ROW_DOCS, ROW_KEYS, type RowKey } from './row-docs.js';

const label = z.string().describe('Unique in the comparison: the name, with options where the name alone is not.');
const share = z.number().min(0).max(1);

const rows = z
  .strictObject(
    Object.fromEntries(ROW_KEYS.map((key) => [key, z.number().describe(ROW_DOCS[key].says)])) as Record<
      RowKey,
      z.ZodNumber
    >,
  )
  .describe('The rows of the table. Units are in rowDocs.');

const citation = z.strictObject({ title: z.string(), where: z.string(), url: z.string().optional() });

const plugin = z.strictObject({
  name: z.string(),
  options: z.record(z.string(), z.json()).describe('As given; empty when none were.'),
});

const violation = z.strictObject({ invariant: z.string(), says: z.string(), step: z.number(), detail: z.string() });

const memory = z.strictObject({ rssAnon: z.number(), rssFile: z.number(), rssShmem: z.number(), swap: z.number() });

const sample = z
  .strictObject({
    label: z.string(),
    procs: z.record(
      z.string(),
      memory.extend({
        vmPte: z.number(),
        pss: z.number(),
        private: z.number(),
        shared: z.number(),
        vmas: z.number(),
        mm: memory,
      }),
    ),
    machine: z.strictObject({ pageTables: z.number(), frames: z.number(), uncharged: z.number() }),
  })
  .describe('What that kernel would print for each process (mm, vmPte), what its tables hold, and the truth. kB.');

const series = z
  .strictObject({
    step: z.array(z.number()),
    ns: z.array(z.number()),
    pageTablesKb: z.array(z.number()),
    framesKb: z.array(z.number()),
  })
  .describe('After how many operations, and then: time so far, table memory, frame memory. At most 400 points.');

const requests = z
  .strictObject({
    window: z
      .tuple([z.number(), z.number()])
      .nullable()
      .describe('From the first fork of a server that goes on serving to the end of its last child. Nanoseconds.'),
    spent: z
      .record(z.string(), z.number())
      .describe('Nanoseconds of a request on average, by what they went to: userNs, faultNs, queueNs and locks.'),
    series: z
      .strictObject({ atNs: z.array(z.number()), perSecond: z.array(z.number()), worstNs: z.array(z.number()) })
      .describe('Ends of equal intervals, requests answered in them per second, and the slowest of those.'),
  })
  .describe('The simulation of requests; null when the input serves none.');

const strategy = z.strictObject({
  name: z.string().describe('The strategy, or several joined by +.'),
  label,
  options: z.record(z.string(), z.json()).describe('As given. Of a composition: options by the name of the part.'),
  parts: z.array(plugin).describe('The strategies that make the column: one, or several in a composition.'),
  models: z.array(citation),
  traits: z.record(z.string(), z.json()),
  rows,
  byWhy: z
    .record(z.string(), z.record(z.string(), z.number()))
    .describe('Counts of some rows by cause, zeros left out.'),
  costs: z.strictObject({
    byWork: z.record(z.string(), z.number()).describe('Nanoseconds of the whole trace by work.'),
  }),
  faults: z
    .array(z.strictObject({ kind: z.string(), ns: z.number(), count: z.number() }))
    .describe('Faults after the first fork by what they did, dearest first.'),
  series,
  requests: requests.nullable(),
  samples: z.array(sample),
  violations: z.array(violation),
  unmodelled: z.array(z.strictObject({ site: z.string(), count: z.number() })),
});

const breakEven = z.strictObject({
  points: z.array(
    z.strictObject({
      strategy: label,
      of: z.enum(['tables', 'pages']),
      share: share.nullable().describe('Above it the strategy costs more than classic; null: there is no such share.'),
      says: z.string(),
    }),
  ),
  curves: z.array(
    z.strictObject({
      strategy: label,
      of: z.enum(['tables', 'pages']),
      x: z.array(share),
      y: z.array(z.number()).describe('Nanoseconds of fork, the writes after it, and exit.'),
    }),
  ),
  layout: z
    .strictObject({
      tables: z.number(),
      pagesPerTable: z.number(),
      tablesOfInput: z.number(),
      pagesOfInput: z.number(),
      says: z.string(),
    })
    .nullable(),
});

const input = z.strictObject({
  name: z.string(),
  description: z.string(),
  path: z.string().describe('Where the trace was read from, as it was named.'),
  operations: z.number(),
  source: z.record(z.string(), z.json()).describe('The source of the trace as its header gives it.'),
  strategies: z.array(strategy),
  verdict: z.string(),
  stability: z.strictObject({
    survives: z.boolean().describe('No rank by fork or by total changes when any one price moves by half.'),
    says: z.string(),
    flips: z.array(
      z.strictObject({
        row: z.string(),
        price: z.string(),
        direction: z.string(),
        pair: z.tuple([z.string(), z.string()]),
      }),
    ),
  }),
  breakEven,
});

const price = z.strictObject({
  ns: z.number(),
  low: z.number(),
  high: z.number(),
  unit: z.string(),
  source: z.string(),
  kind: z.string(),
});

export const comparisonSchema = z.strictObject({
  forklab: z.literal('comparison'),
  version: z.literal(1),
  inputs: z.array(input),
  rowDocs: z.record(
    z.string(),
    z.strictObject({ group: z.string(), label: z.string(), unit: z.string(), says: z.string() }),
  ),
  prices: z.strictObject({ name: z.string(), about: z.string(), prices: z.record(z.string(), price) }),
  config: z.record(z.string(), z.json()).describe('The configuration as it was used, defaults filled in.'),
  configHash: z.string().describe('The first 16 hexadecimal digits of the SHA-256 of the configuration as JSON.'),
  seed: z.number(),
  versions: z.record(z.string(), z.string()),
  replay: z.string().describe('The call that makes this document again.'),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type InputResult = Comparison['inputs'][number];
export type StrategyResult = InputResult['strategies'][number];
export type BreakEven = InputResult['breakEven'];
export type Stability = InputResult['stability'];
export type FaultClass = StrategyResult['faults'][number];
export type Series = StrategyResult['series'];
export type JsonObject = Comparison['config'];

/** The JSON Schema that is published. */
export const comparisonJsonSchema = (): object => ({
  ...z.toJSONSchema(comparisonSchema, { target: 'draft-2020-12' }),
  title: 'forklab comparison, version 1',
});
