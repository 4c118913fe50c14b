/** Everything the kit does to find what is wrong with a strategy, one trace after another, told as it goes. */
import { type Geometry, type StrategyPlugin, shrinkTrace, TINY, type Trace, X86_64 } from '@forklab/core';
import type { Breakage } from './breakage.js';
import { breakage } from './breakage.js';
import { type CheckedTrace, type CheckTraceOptions, checkTrace } from './check-trace.js';
import { type Enumerated, enumerate } from './exhaustive.js';
import { type Finding, findingOf } from './finding.js';
import { randomTrace } from './random-trace.js';
import { REGRESSIONS } from './regressions/index.js';
import { relaxedBy } from './relaxed.js';
import { covers, culpritOf } from './sites.js';
import { missing, neverOf, sometimesOf } from './sometimes.js';
import { widen } from './widen.js';

export interface ExploreOptions {
  /** Random traces. Default 1000. */
  readonly runs?: number;
  /** Seed of the first one; the n-th after it has this seed plus n. Default 1. */
  readonly seed?: number;
  /** Stop after so many findings. Default 100. */
  readonly findingsMax?: number;
  /** Then try every sequence of so many operations in a tiny world. Default 0: not at all. */
  readonly exhaustive?: number;
}

export interface Covered {
  /** Fixed and random traces run. */
  readonly traces: number;
  readonly operations: number;
  /** Traces in which an allocation failed. */
  readonly starved: number;
  /** Of the exhaustive search, when there was one. */
  readonly exhaustive?: Enumerated;
  /** How often each interesting branch was taken, by the names in `sometimesOf`. */
  readonly sometimes: Readonly<Record<string, number>>;
}

export interface Explored {
  readonly findings: readonly Finding[];
  readonly covered: Covered;
  /** Branches that were never taken, and work that should never have been done: with any, a run is no pass. */
  readonly missing: readonly string[];
}

/** Told after each trace, and after each state of the exhaustive search. */
export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly of: number;
  readonly findings: number;
}

const RUNS_DEFAULT = 1000;
const FINDINGS_MAX = 100;
/** One random trace in so many runs on large tables, and one in so many with little memory. */
const X86_64_EVERY = 20;
const STARVED_EVERY = 4;
/** Failing traces that look alike before they are shrunk: so many are shrunk, for they may turn out to differ. */
const SHRINKS_MAX = 4;
const COMMANDS = 30;

/** A seeded trace and where it runs. Every second one draws from a few kinds of operations only, and goes deeper there. */
const drawn = (seed: number, i: number): { readonly trace: Trace; readonly geometry: Geometry } => {
  const geometry = i % X86_64_EVERY === X86_64_EVERY - 1 ? X86_64 : TINY;
  const starved = i % STARVED_EVERY === STARVED_EVERY - 1;
  return { geometry, trace: randomTrace(seed, { geometry, starved, commands: COMMANDS, some: i % 2 === 0 }) };
};

class Explorer {
  readonly plugins: readonly StrategyPlugin[];
  findings: Finding[] = [];
  readonly events = new Map<string, number>();
  traces = 0;
  operations = 0;
  starved = 0;
  enumerated: Enumerated | null = null;
  readonly relaxed: ReadonlySet<string>;
  readonly #shrunk = new Map<string, number>();

  constructor(plugins: readonly StrategyPlugin[]) {
    this.plugins = plugins;
    this.relaxed = new Set(relaxedBy(plugins.map(({ traits }) => traits)).map(({ check }) => check));
  }

  #check(trace: Trace, options: CheckTraceOptions): CheckedTrace {
    return checkTrace(trace, this.plugins, { ...options, relaxed: this.relaxed });
  }

  /** Runs a trace; what it breaks becomes a finding unless a simpler one is known. */
  try(trace: Trace, geometry: Geometry, seed: number | null): void {
    const { breakage: found, events } = this.#check(trace, { geometry });
    this.traces++;
    this.operations += trace.ops.length;
    if ((events.ooms ?? 0) > 0) this.starved++;
    for (const [name, count] of Object.entries(events)) this.events.set(name, (this.events.get(name) ?? 0) + count);
    if (found) this.add(found, trace, geometry, seed);
  }

  /** Shrinks what breaks something; a bug that is known already is left. */
  add(found: Breakage, trace: Trace, geometry: Geometry, seed: number | null): void {
    const cut = { header: trace.header, ops: trace.ops.slice(0, found.step) };
    const looks = `${found.invariant} ${culpritOf(cut.ops)} ${trace.header.memory === undefined}`;
    const shrunk = this.#shrunk.get(looks) ?? 0;
    if (shrunk >= SHRINKS_MAX) return;
    this.#shrunk.set(looks, shrunk + 1);
    const finding = this.#finding(found, this.#breaks(cut, found, geometry) ? cut : trace, geometry, seed);
    if (this.findings.some((known) => covers(known, finding))) return;
    this.findings = [...this.findings.filter((known) => !covers(finding, known)), finding];
    this.#shrunk.set(looks, 0);
  }

  #breaks(trace: Trace, found: Breakage, geometry: Geometry): Breakage | null {
    const again = this.#check(trace, { geometry }).breakage;
    return again?.invariant === found.invariant ? again : null;
  }

  #shrink(trace: Trace, found: Breakage, geometry: Geometry): Trace {
    return shrinkTrace(trace, (tried) => this.#breaks(tried, found, geometry) !== null);
  }

  #finding(found: Breakage, trace: Trace, geometry: Geometry, seed: number | null): Finding {
    const small = this.#shrink(trace, found, geometry);
    const wide = geometry === TINY ? this.#widened(small, found) : null;
    const at = wide ?? small;
    const options = { geometry: wide ? X86_64 : geometry, relaxed: this.relaxed };
    const seen = this.#breaks(at, found, options.geometry) ?? found;
    return findingOf(seen, at, { strategies: this.plugins, options, seed });
  }

  /** The same on tables of real size, which is where the command runs traces; null when only tiny tables show it. */
  #widened(small: Trace, found: Breakage): Trace | null {
    const wide = widen(small);
    const breaks = (tried: Trace) => {
      try {
        return this.#breaks(tried, found, X86_64) !== null;
      } catch {
        return false; // What the stretching made of it may be no trace.
      }
    };
    // A longer table takes more pages: with little memory, somewhat more may be what shows it.
    const memories =
      small.header.memory === undefined ? [undefined] : [1, 2, 4, 16, 64, 256].map((n) => n * small.header.memory!);
    for (const memory of memories) {
      const tried = { header: { ...wide.header, ...(memory !== undefined && { memory }) }, ops: wide.ops };
      if (breaks(tried)) return shrinkTrace(tried, breaks, { triesMax: 600 });
    }
    return null;
  }

  /** Each time the same? */
  again(trace: Trace, geometry: Geometry): void {
    const [one, other] = [0, 1].map(() => JSON.stringify(this.#check(trace, { geometry })));
    if (one === other) return;
    const found = breakage('deterministic', trace.ops.length, 'two runs of the trace differ');
    const context = { strategies: this.plugins, options: { geometry }, seed: null };
    this.findings.push(findingOf(found, trace, context));
  }

  explored(): Explored {
    const events = Object.fromEntries(this.events);
    const wanted = sometimesOf(this.plugins);
    const took = (names: string) => names.split(' or ').reduce((sum, name) => sum + (events[name] ?? 0), 0);
    const unwanted = neverOf(this.plugins).filter((work) => (events[work] ?? 0) > 0);
    return {
      findings: numbered(this.findings),
      covered: {
        traces: this.traces,
        operations: this.operations,
        starved: this.starved,
        ...(this.enumerated && { exhaustive: this.enumerated }),
        sometimes: Object.fromEntries(wanted.map((names) => [names, took(names)])),
      },
      missing: [...missing(wanted, events), ...unwanted.map((work) => `${work}, which must not happen, happened`)],
    };
  }
}

/** Ids are unique: the second of an id gets `-2`. */
const numbered = (findings: readonly Finding[]): Finding[] => {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const count = (seen.get(finding.id) ?? 0) + 1;
    seen.set(finding.id, count);
    return count === 1 ? finding : { ...finding, id: `${finding.id}-${count}` };
  });
};

/**
 * Runs the fixed traces, then random ones, and collects what does not hold, each bug once. A generator, so that whoever
 * calls it can show progress, and stop. Deterministic: the same options give the same report.
 */
export function* explore(
  strategies: StrategyPlugin | readonly StrategyPlugin[],
  options: ExploreOptions = {},
): Generator<Progress, Explored, void> {
  const { runs = RUNS_DEFAULT, seed: first = 1, findingsMax = FINDINGS_MAX, exhaustive = 0 } = options;
  const plugins: readonly StrategyPlugin[] = 'setup' in strategies ? [strategies] : strategies;
  const explorer = new Explorer(plugins);
  const of = 2 * REGRESSIONS.length + runs;
  const told = (): Progress => ({ what: 'traces', done: explorer.traces, of, findings: explorer.findings.length });
  for (const geometry of [TINY, X86_64]) {
    for (const { trace } of REGRESSIONS) {
      explorer.try(trace(geometry), geometry, null);
      yield told();
    }
  }
  for (let i = 0; i < runs && explorer.findings.length < findingsMax; i++) {
    const seed = (first + i) >>> 0;
    const { trace, geometry } = drawn(seed, i);
    explorer.try(trace, geometry, seed);
    if (i === 0) explorer.again(trace, geometry);
    yield told();
  }
  if (exhaustive > 0) {
    const add = (found: Breakage, trace: Trace) => explorer.add(found, trace, TINY, null);
    const search = enumerate(plugins, explorer.relaxed, add, exhaustive);
    let next = search.next();
    for (; !next.done; next = search.next()) {
      const { depth, done, of: states } = next.value;
      yield { what: `states at depth ${depth}`, done, of: states, findings: explorer.findings.length };
    }
    explorer.enumerated = next.value;
  }
  return explorer.explored();
}
