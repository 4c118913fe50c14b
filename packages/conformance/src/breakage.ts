/** The first thing that went wrong in a run, and what the kit itself holds strategies to. */

/** Beside core's invariants. */
export const KIT_INVARIANTS = {
  'same-result': 'Every operation answers what it answers without any sharing.',
  'same-contents': 'Every process reads what it would read if fork had copied all of its memory.',
  'same-events': 'A userfaultfd is told of each write to a page under its protection, once, and of nothing else.',
  'nothing-remains': 'After the last process has gone no table, page or charge is left.',
  'counters-balance': 'When nothing is left, as many pages and tables were counted as freed as were allocated.',
  deterministic: 'The same trace under the same strategy gives the same answers each time.',
  'no-exception': 'The machine and the strategy throw nothing, whatever the trace.',
} as const;

export interface Breakage {
  /** Id of an invariant of core, or of `KIT_INVARIANTS`. */
  readonly invariant: string;
  /** The invariant in a sentence. */
  readonly says: string;
  /** Line index of the operation after which it showed, the header being 0. */
  readonly step: number;
  /** What was found instead. */
  readonly detail: string;
}

export const breakage = (invariant: keyof typeof KIT_INVARIANTS, step: number, detail: string): Breakage => ({
  invariant,
  says: KIT_INVARIANTS[invariant],
  step,
  detail,
});
