/** What the kit reports: the invariant, the step, a small trace that shows it, and how to run that again. */
import { formatTrace, type Geometry, machineName, type StrategyPlugin, type Trace, X86_64 } from '@forklab/core';
import type { Breakage } from './check-trace.js';

export interface Finding {
  /** Id of the invariant that does not hold. */
  readonly invariant: string;
  /** What was found, in a sentence. */
  readonly title: string;
  /** Line index of the operation after which it shows, the header being 0. */
  readonly step: number;
  /** The smallest trace found that shows it. */
  readonly trace: Trace;
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
const specOf = (strategies: readonly StrategyPlugin[]): string =>
  strategies.map((plugin) => plugin.name + optionsOf(plugin)).join('+');

const replayOf = (strategies: readonly StrategyPlugin[], geometry: Geometry): string =>
  geometry.name === X86_64.name
    ? `forklab run trace.jsonl --strategy ${specOf(strategies)} --check`
    : // The command runs x86-64 only.
      `checkTrace(trace, [${specOf(strategies)}], { geometry: ${geometry.name.toUpperCase()} })`;

export const findingOf = (
  found: Breakage,
  trace: Trace,
  strategies: readonly StrategyPlugin[],
  geometry: Geometry,
  seed: number | null,
): Finding => ({
  invariant: found.invariant,
  title: `${found.says} ${found.detail}`,
  step: found.step,
  trace: {
    header: { ...trace.header, name: `${machineName(strategies)}-${found.invariant}`, description: found.detail },
    ops: trace.ops,
  },
  seed,
  replay: replayOf(strategies, geometry),
});

/** A finding as text: what, where, the trace as lines to save, and the command. */
export const formatFinding = (finding: Finding): string =>
  [
    `${finding.invariant}: ${finding.title}`,
    `after line ${finding.step} of this trace${finding.seed === null ? '' : ` (shrunk from seed ${finding.seed})`}:`,
    formatTrace(finding.trace).trimEnd(),
    `run it again: ${finding.replay}`,
  ].join('\n');
