/** The end that every random trace gets: all that is mapped is read back, then every process leaves. */
import { type Geometry, type Op, type Trace, X86_64 } from '@forklab/core';
import { createOracle } from './flat-oracle.js';

/** In which order processes leave: oldest first, youngest first, or the oldest last but one. */
export const EXIT_ORDERS = ['oldest first', 'youngest first', 'middle first'] as const;
export type ExitOrder = (typeof EXIT_ORDERS)[number];

/** Whoever waits for a vfork child leaves after it. */
const childrenFirst = (names: readonly string[], waitsFor: (name: string) => string | null): readonly string[] => {
  const left = [...names];
  const out: string[] = [];
  while (left.length > 0) {
    const next = left.findIndex((name) => !left.includes(waitsFor(name) ?? ''));
    out.push(...left.splice(next, 1));
  }
  return out;
};

const inOrder = (names: readonly string[], order: ExitOrder): readonly string[] => {
  if (order === 'oldest first') return names;
  if (order === 'youngest first') return [...names].reverse();
  const middle = Math.floor(names.length / 2);
  return [...names.slice(middle), ...names.slice(0, middle)];
};

/** The trace with a digest of each VMA of each live process, and an exit of each. */
export const withClosing = (trace: Trace, order: ExitOrder = 'oldest first', geometry: Geometry = X86_64): Trace => {
  const oracle = createOracle(geometry);
  for (const op of trace.ops) oracle.step(op);
  const ops: Op[] = [...trace.ops];
  const waitsFor = (name: string) => oracle.procs.get(name)?.waitsFor ?? null;
  const names = childrenFirst(inOrder([...oracle.procs.keys()], order), waitsFor);
  // All are read before the first leaves, and again each time one has left, by the one that leaves next.
  for (const { name, vmas, waitsFor: child } of oracle.procs.values()) {
    if (child !== null) continue;
    for (const { start, end } of vmas) ops.push({ op: 'digest', proc: name, addr: start, length: end - start });
  }
  for (const [k, name] of names.entries()) {
    ops.push({ op: 'exit', proc: name });
    const next = oracle.procs.get(names[k + 1] ?? '');
    for (const { start, end } of next?.vmas ?? []) {
      ops.push({ op: 'digest', proc: names[k + 1] as string, addr: start, length: end - start });
    }
  }
  return { header: trace.header, ops };
};
