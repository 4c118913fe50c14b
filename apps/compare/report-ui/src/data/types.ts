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
  /** Nanoseconds so far. */
  readonly ns: readonly number[];
  readonly pageTablesKb: readonly number[];
  readonly framesKb: readonly number[];
}

/** Requests over time: ends of equal intervals, answers per second in them, and the slowest of those. */
export interface RequestSeries {
  readonly atNs: readonly number[];
  readonly perSecond: readonly number[];
  readonly worstNs: readonly number[];
}

export interface FaultClass {
  /** Nanoseconds each. */
  readonly ns: number;
  readonly count: number;
  readonly kind: string;
}

/** What a kernel would print for one process at one point of the trace, and what is true. kB. */
export interface ProcessSample {
  readonly label: string;
  readonly proc: string;
  readonly values: ReadonlyMap<string, number>;
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
  readonly requests: RequestSeries;
  /** Nanoseconds by kind of work, whole trace. */
  readonly byWork: ReadonlyMap<string, number>;
  readonly faults: readonly FaultClass[];
  readonly samples: readonly ProcessSample[];
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
  /** Above it the strategy loses, 0 to 1; null where there is no such share. */
  readonly share: number | null;
  readonly says: string;
}

export interface Flip {
  readonly row: string;
  readonly price: string;
  readonly direction: string;
  readonly pair: string;
}

export interface Input {
  readonly name: string;
  readonly description: string;
  /** Where the trace was read from, as it was named. */
  readonly path: string;
  readonly operations: number | null;
  /** Where the trace comes from, as its header says. */
  readonly source: ReadonlyMap<string, string>;
  readonly strategies: readonly Strategy[];
  readonly verdict: string;
  readonly stability: { readonly survives: boolean | null; readonly says: string; readonly flips: readonly Flip[] };
  readonly breakEven: {
    readonly points: readonly BreakEvenPoint[];
    readonly curves: readonly Curve[];
    /** What the curves were measured on. */
    readonly layout: string;
  };
}

export interface RowDoc {
  /** Title of the group of rows that it belongs to; empty when the document names none. */
  readonly group: string;
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
  /** Were invariants looked for? Null when the document does not say. */
  readonly checked: boolean | null;
}
