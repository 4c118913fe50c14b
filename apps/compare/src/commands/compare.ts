/** `forklab compare`: the main job. Parses, has the plan run, prints and writes; it decides nothing. */
import { resolve } from 'node:path';
import { ForklabError, parseBytes } from '@forklab/core';
import { type Args, wholeNumber } from '../args.js';
import { withArrivals } from '../arrivals-option.js';
import { type LoadedConfig, loadConfig } from '../config.js';
import { REPORT_FORMATS, type ReportFormat, SEED_MAX } from '../config-schema.js';
import type { Comparison, InputResult } from '../document.js';
import { findInputs, readInputs } from '../inputs.js';
import { breathe, type Io, stopIfAsked, wantsColour } from '../io.js';
import type { MachineSettings } from '../measure.js';
import { type OutputFile, writeFileWhole, writeReport } from '../output.js';
import { relativeTo } from '../paths.js';
import type { Plan } from '../plan.js';
import { pricesOf } from '../prices-option.js';
import { type Job, runJobs } from '../progress.js';
import { type Column, DEFAULT_STRATEGIES, type EntryAt, resolveColumns } from '../resolve.js';
import { assemble, type ColumnRun, judge, runColumn } from '../run.js';
import { parseStrategies, parseStrategy } from '../spec.js';
import { versions } from '../versions.js';
import { CHECK_ARG, type Command, KERNEL_ARG } from './command.js';
import { machineArgs } from './one-column.js';

const entriesOf = (args: Args, { config, dir }: LoadedConfig, io: Io): readonly EntryAt[] => {
  const named = [...args.all('strategy').map(parseStrategy), ...args.all('strategies').flatMap(parseStrategies)];
  if (named.length > 0) return named.map((entry) => ({ entry, dir: io.cwd }));
  return (config.strategies ?? DEFAULT_STRATEGIES).map((entry) => ({ entry, dir }));
};

const settingsOf = (args: Args, { config }: LoadedConfig): MachineSettings => {
  const { kernel, tableReclaim, memory, check } = config.machine ?? {};
  const given = machineArgs(args);
  return {
    kernel: given.kernel ?? kernel ?? '6.18',
    tableReclaim,
    memory: parseBytes(memory),
    check: given.check || check === true,
  };
};

/** The column that the break-even is held against; classic itself when it is no column. */
const baselineColumn = async (columns: readonly Column[]): Promise<Column> => {
  const there = columns.find((column) => column.name === 'classic');
  return there ?? (await resolveColumns([{ entry: 'classic', dir: '.' }]))[0]!;
};

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The call that makes the same comparison again: what was given, without where the output went. */
const replayOf = (args: Args): string => {
  const words = ['forklab', 'compare', ...args.positionals];
  for (const name of ['strategy', 'strategies', 'config', 'prices', 'seed', 'kernel', 'arrivals']) {
    for (const value of args.all(name)) words.push(`--${name}`, value);
  }
  if (args.has('check')) words.push('--check');
  return words.map(quoted).join(' ');
};

const planOf = async (args: Args, loaded: LoadedConfig, io: Io): Promise<Plan> => {
  const { config, dir } = loaded;
  const given = args.one('seed');
  const seed = given === undefined ? (config.seeds?.[0] ?? 0) : wholeNumber('--seed', given, 0, SEED_MAX);
  const prices = pricesOf(args.one('prices') ?? config.costs, args.has('prices') ? io.cwd : dir);
  const settings = settingsOf(args, loaded);
  const columns = await resolveColumns(entriesOf(args, loaded, io));
  const named = args.positionals.length > 0;
  const found = findInputs(named ? args.positionals : (config.workloads ?? []), named ? io.cwd : dir, io.cwd);
  const read = await readInputs(found, seed, () => breathe(io));
  const inputs = await withArrivals(read, args.one('arrivals'), io.cwd);
  const baseline = await baselineColumn(columns);
  return { inputs, columns, baseline, settings, prices, seed, versions: versions(), replay: replayOf(args) };
};

/** Runs a generator to its end, breathing between its steps. */
const drive = async <T, R>(work: Generator<T, R>, io: Io, seen: (value: T) => void): Promise<R> => {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    seen(value);
    await breathe(io);
  }
};

const runPlan = async (plan: Plan, io: Io): Promise<Comparison> => {
  const results: InputResult[] = [];
  const jobs: Job[] = [];
  for (const input of plan.inputs) {
    const runs: ColumnRun[] = [];
    for (const column of plan.columns) {
      jobs.push({
        title: `${input.name}, ${column.label}`,
        async run(say) {
          runs.push(await drive(runColumn(plan, input, column), io, (share) => say(`${Math.round(share * 100)} %`)));
        },
      });
    }
    jobs.push({
      title: `${input.name}, break-even`,
      async run() {
        results.push(await drive(judge(plan, input, runs), io, () => undefined));
      },
    });
  }
  await runJobs(jobs, io);
  return assemble(plan, results);
};

type Render = (comparison: Comparison) => string;

/** Each format's file, and what loads its reporter. Loading finds out whether the page of the HTML report is there. */
const FILES: Readonly<Record<ReportFormat, { readonly name: string; readonly load: () => Promise<Render> }>> = {
  markdown: { name: 'comparison.md', load: async () => (await import('../reporters/markdown.js')).renderMarkdown },
  json: { name: 'comparison.json', load: async () => (await import('../reporters/json.js')).renderJson },
  csv: { name: 'comparison.csv', load: async () => (await import('../reporters/csv.js')).renderCsv },
  html: {
    name: 'index.html',
    load: async () => {
      const { readTemplate, renderHtml } = await import('../reporters/html.js');
      const template = readTemplate();
      return (comparison) => renderHtml(comparison, template);
    },
  },
};

interface ReportTarget {
  readonly dir: string;
  readonly files: readonly { readonly name: string; readonly render: Render }[];
}

/** Where the report goes and what renders it; null for none. Asked before the work: a mistake costs no two minutes. */
const reportTarget = async (args: Args, { config, dir }: LoadedConfig, io: Io): Promise<ReportTarget | null> => {
  const given = args.one('report');
  if (given !== undefined && args.has('no-report')) {
    const problem = '--report and --no-report contradict each other';
    throw new ForklabError('FL1004', { command: 'compare', problem, usage: 'one of them' });
  }
  if (args.has('no-report') || (given === undefined && config.report === false)) return null;
  const report = config.report || {};
  const formats = new Set(report.formats ?? REPORT_FORMATS);
  const files: { name: string; render: Render }[] = [];
  for (const format of formats) files.push({ name: FILES[format].name, render: await FILES[format].load() });
  return { dir: given === undefined ? resolve(dir, report.dir ?? 'report') : resolve(io.cwd, given), files };
};

/** Renders everything in memory first, so that what cannot be rendered leaves the old report alone. */
const writeAll = ({ dir, files }: ReportTarget, comparison: Comparison, io: Io): void => {
  const rendered: OutputFile[] = files.map(({ name, render }) => ({ name, text: render(comparison) }));
  stopIfAsked(io);
  writeReport(dir, rendered);
};

const printTables = async (comparison: Comparison, args: Args, io: Io): Promise<void> => {
  const { renderInput } = await import('../reporters/terminal.js');
  const options = { colour: wantsColour(io), columns: io.columns, all: args.has('all') };
  for (const input of comparison.inputs) await io.out(renderInput(input, options));
};

const violated = (comparison: Comparison): boolean =>
  comparison.inputs.some(({ strategies }) => strategies.some(({ rows }) => rows.violations > 0));

export const command: Command = {
  name: 'compare',
  about: 'Runs every input under every strategy and prints them side by side; writes the report.',
  more:
    'Without INPUT: what the configuration names, else the traces that come with forklab. Without strategies: what the ' +
    'configuration names, else classic, cow-pte, ondemand-fork and mshare. The report is a folder with index.html, ' +
    'comparison.md, comparison.json and comparison.csv. Exit status 1: invariants were violated.',
  args: {
    'INPUT…': {
      type: 'positional',
      description: 'traces (.jsonl or .jsonl.gz), folders of traces, and workloads (forklab workloads)',
    },
    strategy: {
      type: 'string',
      valueHint: 'NAME',
      description: 'a column: a name, package, path, NAME:key=value, or A+B; repeat it',
    },
    strategies: { type: 'string', valueHint: 'A,B,C+D', description: 'several columns at once' },
    config: {
      type: 'string',
      valueHint: 'FILE',
      description: 'the configuration; default: forklab.config.* from here upward',
    },
    report: { type: 'string', valueHint: 'DIR', description: 'where the report goes; default report' },
    'no-report': { type: 'boolean', description: 'write no report' },
    json: { type: 'string', valueHint: '-|FILE', description: 'print the JSON document alone, or write it to a file' },
    prices: {
      type: 'string',
      valueHint: 'NAME',
      description: 'a price list, or a file of forklab calibrate; default vm-linux-6.18',
    },
    all: { type: 'boolean', description: 'print every row, not only the most telling ones' },
    arrivals: {
      type: 'string',
      valueHint: 'FILE',
      description: 'when requests arrive: a line each, its time in seconds first',
    },
    check: CHECK_ARG,
    kernel: KERNEL_ARG,
    seed: {
      type: 'string',
      valueHint: 'N',
      description: 'added to the seed of every touch operation; default 0, as written',
    },
  },
  examples: [
    { call: 'forklab compare', does: 'the built-in inputs under the four strategies; the report in report/' },
    {
      call: 'forklab compare redis.jsonl.gz --strategies classic,cow-pte,mshare+cow-pte',
      does: 'one input, three columns, one of them a composition',
    },
    {
      call: 'forklab compare trace.jsonl --strategy classic --strategy ./mine.ts',
      does: 'a strategy of your own beside classic',
    },
    { call: 'forklab compare redis-snapshot:mib=512,read=0.5', does: 'a generated workload, two parameters changed' },
    { call: 'forklab compare trace.jsonl --json - --no-report', does: 'the JSON document and nothing else' },
  ],
  async run(args, io) {
    const loaded = await loadConfig(io.cwd, args.one('config'));
    const json = args.one('json');
    const plan = await planOf(args, loaded, io);
    const target = await reportTarget(args, loaded, io);
    const comparison = await runPlan(plan, io);
    if (target !== null) writeAll(target, comparison, io);
    if (json !== undefined) {
      const { renderJson } = await import('../reporters/json.js');
      if (json === '-') await io.out(renderJson(comparison));
      else await writeFileWhole(resolve(io.cwd, json), renderJson(comparison));
    }
    if (json !== '-') {
      await printTables(comparison, args, io);
      if (target !== null) {
        const names = target.files.map(({ name }) => name).join(', ');
        await io.out(`\nThe report is in ${relativeTo(io.cwd, target.dir)}/: ${names}\n`);
      }
    }
    return violated(comparison) ? 1 : 0;
  },
};
