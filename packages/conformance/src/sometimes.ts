/** What a run of random traces must have met at least once: a branch that was never taken has not been tested. */
import type { StrategyPlugin, Why, Work } from '@forklab/core';

/** Work that has to do with histories alone, whatever the strategy. */
const ALWAYS: readonly Work[] = [
  'forks',
  'vmasSplit',
  'vmasMerged',
  'tablesMoved',
  'faultsZero',
  'faultsCow',
  'faultsReuse',
  'faultsFile',
  'pinsTaken',
  'signals',
];

/** Causes for which a table that is shared copy-on-write must have been left, by a copy or as the last holder. */
const LEAVES: readonly Why[] = ['fault', 'munmap part', 'dontneed', 'mprotect', 'mremap'];
/** Causes for which a holder must have let go of a whole table. */
const DROPS: readonly Why[] = ['munmap', 'exit'];
/** Causes for which a process must have let go of a table that a file owns. */
const DETACHES: readonly Why[] = ['munmap', 'munmap part', 'exit', 'mprotect', 'mremap'];

const SHARING: readonly Work[] = ['tablesShared', 'tablesLinked', 'tablesBroken', 'tablesAdopted'];

const any = (strategies: readonly StrategyPlugin[], has: (traits: StrategyPlugin['traits']) => boolean): boolean =>
  strategies.some(({ traits }) => has(traits));

/** Names of events, as `CheckReport.events` has them; where two are joined by ' or ', one of them is enough. */
export const sometimesOf = (strategies: readonly StrategyPlugin[]): readonly string[] => {
  const wanted: string[] = [...ALWAYS];
  if (any(strategies, ({ shares }) => shares !== 'nothing')) {
    wanted.push('tablesShared: fork', 'tablesBroken', 'tablesAdopted');
    for (const why of LEAVES) wanted.push(`tablesBroken: ${why} or tablesAdopted: ${why}`);
    for (const why of DROPS) wanted.push(`tablesDropped: ${why}`);
  }
  if (any(strategies, ({ hosts }) => hosts.includes('file'))) {
    wanted.push('tablesLinked');
    for (const why of DETACHES) wanted.push(`tablesDropped: ${why}`);
  }
  return wanted;
};

/** Work that must never be counted: what a strategy that shares nothing does not do. */
export const neverOf = (strategies: readonly StrategyPlugin[]): readonly Work[] => {
  const shares = any(strategies, (traits) => traits.shares !== 'nothing' || traits.hosts.length > 0);
  return shares ? [] : SHARING;
};

/** Those of `wanted` that never happened. */
export const missing = (wanted: readonly string[], events: Readonly<Record<string, number>>): readonly string[] =>
  wanted.filter((names) => !names.split(' or ').some((name) => (events[name] ?? 0) > 0));
