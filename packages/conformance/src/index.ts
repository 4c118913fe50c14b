/**
 * The contract of a strategy. Start with `checkStrategy`, or with `describeStrategy` from `@forklab/conformance/vitest`.
 *
 * @packageDocumentation
 */

export { type Breakage, KIT_INVARIANTS } from './breakage.js';
export {
  CATALOGUE,
  type CatalogueEntry,
  type CheckId,
  type InvariantNumber,
  numbersOf,
  type When,
} from './catalogue.js';
export {
  type CheckReport,
  type CheckStrategyOptions,
  checkStrategy,
  findIn,
} from './check-strategy.js';
export { CheckedRun, type CheckedTrace, type CheckTraceOptions, checkTrace } from './check-trace.js';
export { EXIT_ORDERS, type ExitOrder, withClosing } from './closing.js';
export { arbTrace, type RandomTraceOptions } from './commands/index.js';
export { comparePatched, type PatchedAnswer } from './compare-patched.js';
export { COW_CASES, type CowCase, type Demand } from './cow-cases/index.js';
export { DEPTH_DEFAULT, type Enumerated, type EnumerationProgress, enumerate } from './exhaustive.js';
export { type Covered, type Explored, type ExploreOptions, explore, type Progress } from './explore.js';
export { type Finding, formatFinding, replayOf, specOf } from './finding.js';
export {
  createOracle,
  type FlatAnon,
  type FlatFile,
  type FlatProc,
  type FlatVma,
  type Oracle,
  type OracleAnswer,
} from './flat-oracle.js';
export {
  type FixtureKernel,
  type KernelFixture,
  kernelFixtures,
  type PatchedFixture,
  type PatchedKernel,
  patchedFixtures,
} from './kernel-fixtures.js';
export { lifeOfATable, type Phase } from './life-of-a-table.js';
export { randomTrace } from './random-trace.js';
export {
  type AreaRecording,
  type RecordedTrace,
  type RecordingSource,
  recordedAreas,
  recordingOf,
} from './recordings.js';
export { REGRESSIONS, type Regression, regression, Script } from './regressions/index.js';
export { type Relaxed, relaxedBy } from './relaxed.js';
export type { Signature } from './sites.js';
export { missing, neverOf, sometimesOf } from './sometimes.js';
export { type StarveReport, starve } from './starve.js';
export { widen } from './widen.js';
