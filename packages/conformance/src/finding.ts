/** What the kit reports: the invariant, the step, a small trace that shows it, the tables, and how to run that again. */
import {
  dumpSpace,
  formatTrace,
  type Geometry,
  machineName,
  type StrategyPlugin,
  type Trace,
  X86_64,
} from '@forklab/core';
import type { Breakage } from './breakage.js';
import { numbersOf } from './catalogue.js';
import { CheckedRun, type CheckTraceOptions } from './check-trace.js';
import { culpritOf, type Signature, shapeOf, sitesOf } from './sites.js';

export interface Finding extends Signature {
  /** Unique among a strategy's findings: the invariant and the operation that broke it. */
  readonly id: string;
  /** What was found, in a sentence. */
  readonly title: string;
  /** Line index of the operation after which it shows, the header being 0. */
  readonly step: number;
  /** The smallest trace found that shows it. */
  readonly trace: Trace;
  /** Where it shows: X86_64, unless only tables of the tiny geometry show it. */
  readonly geometry: Geometry;
  /** The mappings and tables of every process before the step and after it, in the notation of `dumpSpace`. */
  readonly dump: string;
  /** The seed of the run whose trace it was shrunk from; null when it was not a random one. */
  readonly seed: number | null;
  /** How to run the trace again, once its lines are in a file. */
  readonly replay: string;
}

const optionsOf = ({ options }: StrategyPlugin): string => {
  const pairs = Object.entries(options ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? '' : `:${pairs.join(',')}`;
};

/** How `--strategy` names these: `mshare+cow-pte:variant=v2`. */
export const specOf = (strategies: readonly StrategyPlugin[]): string =>
  strategies.map((plugin) => plugin.name + optionsOf(plugin)).join('+');

/** The command that runs a finding's trace again, once it is in `file`; `spec` is what `--strategy` is given. */
export const replayOf = (file: string, spec: string, geometry: Geometry): string =>
  `forklab run ${file} --strategy ${spec} --check${geometry.name === X86_64.name ? '' : ` --geometry ${geometry.name}`}`;

const everyone = ({ machine }: CheckedRun): string => {
  const lines: string[] = [];
  for (const name of machine.procs.keys()) {
    try {
      lines.push(dumpSpace(machine, name));
    } catch {
      // What broke may have left tables that cannot be walked.
      lines.push(`${name}  its tables cannot be walked any more`);
    }
  }
  return lines.filter((text) => text !== '').join('\n');
};

/** Tables before and after the step at which a trace breaks something. */
const dumpAround = (
  trace: Trace,
  step: number,
  strategies: readonly StrategyPlugin[],
  options: CheckTraceOptions,
): string => {
  const run = new CheckedRun(trace, strategies, options);
  for (let i = 1; i < step && run.next(); i++);
  const before = everyone(run);
  run.next();
  return `before line ${step}:\n${before}\nafter line ${step}:\n${everyone(run)}`;
};

export interface FindingContext {
  readonly strategies: readonly StrategyPlugin[];
  readonly options: CheckTraceOptions;
  readonly seed: number | null;
}

const slug = (text: string): string => text.replace(/[^a-z0-9]+/gi, '-');

export const findingOf = (found: Breakage, trace: Trace, context: FindingContext): Finding => {
  const { strategies, options, seed } = context;
  const geometry = options.geometry ?? X86_64;
  const culprit = culpritOf(trace.ops.slice(0, found.step));
  const id = `${found.invariant}-${slug(culprit)}`;
  return {
    id,
    invariant: found.invariant,
    culprit,
    sites: sitesOf(trace.ops),
    shape: shapeOf(found.detail),
    title: `${found.says} ${found.detail}`,
    step: found.step,
    trace: {
      header: { ...trace.header, name: `${slug(machineName(strategies))}-${id}`, description: found.detail },
      ops: trace.ops,
    },
    geometry,
    dump: dumpAround(trace, found.step, strategies, options),
    seed,
    replay: replayOf('trace.jsonl', specOf(strategies), geometry),
  };
};

/** A finding as text: what, where, the trace as lines to save, the tables, and the command. */
export const formatFinding = (finding: Finding): string =>
  [
    `${[...numbersOf(finding.invariant), finding.invariant].join(' ')}: ${finding.title}`,
    `after line ${finding.step} of this trace${finding.seed === null ? '' : ` (shrunk from seed ${finding.seed})`}:`,
    formatTrace(finding.trace).trimEnd(),
    finding.dump,
    `run it again: ${finding.replay}`,
  ].join('\n');
