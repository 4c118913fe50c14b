/**
 * The comparison as the page uses it: every part present, absent ones empty. `read.ts` makes it from the JSON document,
 * of which it demands little, so that a page built today still shows a document written tomorrow.
 */

export interface Citation {
  readonly title: string;
  readonly where: string;
  /** Only ever an http or https address; anything else was left out. */
  readonly url: string;
}

export interface Cause {
  readonly why: string;
  readonly count: number;
}

/** One value per step that was kept, all arrays of one length. Absent columns are empty. */
export interface Series {
  readonly step: readonly number[];
  /** Nanoseconds. */
  readonly ns: readonly number[];
  readonly pageTablesKb: readonly number[];
  readonly framesKb: readonly number[];
}

export interface FaultClass {
  /** Nanoseconds each. */
  readonly ns: number;
  readonly count: number;
  readonly kind: string;
}

export interface Violation {
  readonly invariant: string;
  readonly says: string;
  readonly step: number | null;
  readonly detail: string;
}

export interface SiteCount {
  readonly site: string;
  readonly count: number;
}

export interface Strategy {
  readonly name: string;
  /** Unique within an input: a number tells those apart that the document gives alike. */
  readonly label: string;
  readonly options: string;
  readonly models: readonly Citation[];
  readonly traits: ReadonlyMap<string, string>;
  readonly rows: ReadonlyMap<string, number>;
  /** Counts of a row by cause. */
  readonly causes: ReadonlyMap<string, readonly Cause[]>;
  readonly series: Series;
  /** Nanoseconds by kind of work, whole trace. */
  readonly byWork: ReadonlyMap<string, number>;
  readonly faults: readonly FaultClass[];
  readonly violations: readonly Violation[];
  readonly unmodelled: readonly SiteCount[];
}

export interface Curve {
  readonly strategy: string;
  /** What is written after fork: 'tables' or 'pages'. */
  readonly of: string;
  /** Shares, 0 to 1. */
  readonly x: readonly number[];
  /** Nanoseconds. */
  readonly y: readonly number[];
}

export interface BreakEvenPoint {
  readonly strategy: string;
  readonly of: string;
  /** 0 to 1; null where the curves do not cross. */
  readonly share: number | null;
}

export interface Flip {
  readonly price: string;
  readonly direction: string;
  readonly pair: string;
}

export interface Input {
  readonly name: string;
  readonly description: string;
  readonly strategies: readonly Strategy[];
  readonly verdict: string;
  readonly stability: { readonly survives: boolean | null; readonly flips: readonly Flip[] };
  readonly breakEven: { readonly points: readonly BreakEvenPoint[]; readonly curves: readonly Curve[] };
}

export interface RowDoc {
  readonly label: string;
  readonly unit: string;
  readonly says: string;
}

export interface Price {
  readonly work: string;
  readonly ns: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly unit: string;
  readonly source: string;
  /** How it is known: measured, published, derived, assumed. */
  readonly kind: string;
}

export interface PriceList {
  readonly name: string;
  readonly about: string;
  readonly prices: readonly Price[];
}

export interface Report {
  readonly inputs: readonly Input[];
  readonly rowDocs: ReadonlyMap<string, RowDoc>;
  readonly prices: PriceList;
  readonly seed: string;
  readonly versions: readonly (readonly [name: string, version: string])[];
  readonly configHash: string;
  readonly replay: string;
  /** The configuration, indented JSON. */
  readonly config: string;
}
