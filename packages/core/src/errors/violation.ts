/** FL9xxx: the model, or a strategy, broke a promise. A finding, never a user's mistake. */

/** Thrown where going on would make everything after it meaningless; the runner turns it into a violation. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
  /** Id of the invariant; `invariants.ts` and docs/reference list them. */
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(detail);
    this.invariant = invariant;
  }
}

/** What verbs and operations need to be true. The message is built only when it is not: pass a constant string. */
export const assertModel = (holds: boolean, invariant: string, detail: string): void => {
  if (!holds) throw new InvariantViolation(invariant, detail);
};
