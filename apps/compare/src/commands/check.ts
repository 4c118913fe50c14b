/** `forklab check`: what is wrong with a strategy, as small traces that show it. */
import { join, relative, resolve } from 'node:path';
import { DEPTH_DEFAULT, explore, type Finding, type Progress, relaxedBy, replayOf, specOf } from '@forklab/conformance';
import { formatTrace } from '@forklab/core';
import { type Args, wholeNumber } from '../args.js';
import { type Checked, documentOf, junitOf, textOf } from '../findings.js';
import { breathe, type Io } from '../io.js';
import { writeFileWhole, writeReport } from '../output.js';
import { type Job, runJobs } from '../progress.js';
import { type Column, DEFAULT_STRATEGIES, resolveColumns } from '../resolve.js';
import { parseStrategy } from '../spec.js';
import type { Command } from './command.js';

const RUNS_DEFAULT = '1000';
const RUNS_MAX = 2 ** 31;
const SEED_MAX = 2 ** 32 - 1;
/** Milliseconds between two looks at whether the user has had enough. */
const SLICE_MS = 50;

/** A strategy to check, with how it was named: that is what the replay command must say again. */
interface Subject {
  readonly column: Column;
  readonly spec: string;
}

const subjectsOf = async (args: Args, io: Io): Promise<readonly Subject[]> => {
  const named = args.all('strategy');
  const specs = named.length > 0 ? named : DEFAULT_STRATEGIES.map(String);
  const columns = await resolveColumns(specs.map((spec) => ({ entry: parseStrategy(spec), dir: io.cwd })));
  return columns.map((column, i) => ({ column, spec: specs[i]! }));
};

/** Runs a search to its end, lets signals through on the way, and says how far it is. */
const drive = async <T>(search: Generator<Progress, T, void>, say: (text: string) => void, io: Io): Promise<T> => {
  for (let heard = performance.now(); ; ) {
    const next = search.next();
    if (next.done) return next.value;
    if (performance.now() - heard < SLICE_MS) continue;
    const { what, done, of, findings } = next.value;
    say(`${what}: ${done} of ${of}${findings > 0 ? `, ${findings} findings` : ''}`);
    await breathe(io);
    heard = performance.now();
  }
};

const fileName = (label: string, finding: Finding): string =>
  `${label}-${finding.id}`
    .replace(/[^a-z0-9.]+/gi, '-')
    .replace(/^[-.]+/, '')
    .concat('.jsonl');

const checkedOf = (subject: Subject, explored: Checked['explored'], dir: string, io: Io): Checked => {
  const { plugins } = subject.column;
  const label = specOf(plugins);
  const files = new Map(
    explored.findings.map((finding) => {
      const path = relative(io.cwd, join(dir, fileName(label, finding)));
      return [finding.id, { path, replay: replayOf(path, subject.spec, finding.geometry) }] as const;
    }),
  );
  return { label, explored, relaxed: relaxedBy(plugins.map(({ traits }) => traits)), files };
};

const writeTraces = (all: readonly Checked[], dir: string): void => {
  const files = all.flatMap(({ explored, label }) =>
    explored.findings.map((finding) => ({ name: fileName(label, finding), text: formatTrace(finding.trace) })),
  );
  if (files.length > 0) writeReport(dir, files);
};

export const command: Command = {
  name: 'check',
  about: 'Looks for what is wrong with a strategy, and prints small traces that show it.',
  more:
    'Fixed traces, then random ones, each compared after every operation with a model that has no page tables, and ' +
    'with a recount of everything. What breaks is shrunk, many runs of one bug are one finding, and its trace is ' +
    'written to a file that run --check shows it with again. A run that never took an interesting branch is no pass. ' +
    'Exit status 1: there are findings, or it is no pass.',
  args: {
    strategy: {
      type: 'string',
      valueHint: 'NAME',
      description: 'a strategy: a name, a package, a path, NAME:key=value, or A+B; repeat it; default all four',
    },
    runs: { type: 'string', valueHint: 'N', description: `random traces; default ${RUNS_DEFAULT}` },
    seed: { type: 'string', valueHint: 'S', description: 'seed of the first random trace; default 1' },
    exhaustive: {
      type: 'boolean',
      description: `then every sequence of ${DEPTH_DEFAULT} operations of three processes on two tables of four entries; minutes`,
    },
    traces: { type: 'string', valueHint: 'DIR', description: 'where the traces of findings go; default findings' },
    json: { type: 'string', valueHint: '-|FILE', description: 'print the JSON document alone, or write it to a file' },
    junit: { type: 'string', valueHint: 'FILE', description: 'write JUnit XML, for continuous integration' },
  },
  examples: [
    { call: 'forklab check --runs 20000', does: 'the four strategies that come with forklab; finds nothing' },
    { call: 'forklab check --strategy cow-pte --exhaustive', does: 'and says how many states there were' },
    { call: 'forklab check --strategy ./mine.ts --junit findings.xml', does: 'a strategy of your own, as in CI' },
    { call: 'forklab check --strategy mshare+cow-pte --json -', does: 'a composition; prints the document alone' },
  ],
  async run(args, io) {
    const runs = wholeNumber('--runs', args.one('runs') ?? RUNS_DEFAULT, 0, RUNS_MAX);
    const seed = wholeNumber('--seed', args.one('seed') ?? '1', 0, SEED_MAX);
    const dir = resolve(io.cwd, args.one('traces') ?? 'findings');
    const exhaustive = args.has('exhaustive') ? DEPTH_DEFAULT : 0;
    const checked: Checked[] = [];
    const jobs = (await subjectsOf(args, io)).map(
      (subject): Job => ({
        title: specOf(subject.column.plugins),
        run: async (say) => {
          const explored = await drive(explore(subject.column.plugins, { runs, seed, exhaustive }), say, io);
          checked.push(checkedOf(subject, explored, dir, io));
        },
      }),
    );
    await runJobs(jobs, io);
    writeTraces(checked, dir);
    const junit = args.one('junit');
    if (junit !== undefined) await writeFileWhole(resolve(io.cwd, junit), junitOf(checked));
    const json = args.one('json');
    const document = `${JSON.stringify(documentOf(checked), null, 2)}\n`;
    if (json === '-') await io.out(document);
    else {
      if (json !== undefined) await writeFileWhole(resolve(io.cwd, json), document);
      await io.out(textOf(checked));
    }
    return checked.some(({ explored }) => explored.findings.length + explored.missing.length > 0) ? 1 : 0;
  },
};
