/** What one line of the list of codes is made of. */

/** The words of one error: what happened and where, and what to do about it. Neither ends with a full stop. */
export interface Said {
  readonly what: string;
  readonly fix: string;
}

/** One code. `A` is what it needs to know; whoever raises it must give all of that. */
export interface ErrorEntry<A> {
  /** Names the error in the documentation. */
  readonly title: string;
  /** When it is raised, and what was decided about such cases: full sentences. */
  readonly about: string;
  /** Arguments that make a typical message, for the documentation and the tests. */
  readonly example: NoInfer<A>;
  readonly say: (args: A) => Said;
}

/** Spells one code; it exists so that `A` is inferred from `say`. */
export const entry = <A>(it: ErrorEntry<A>): ErrorEntry<A> => it;
