/**
 * The contract of a strategy. Start with `checkStrategy`, or with `describeStrategy` from `@forklab/conformance/vitest`.
 *
 * @packageDocumentation
 */
export {
  type CheckReport,
  type CheckStrategyOptions,
  checkStrategy,
  findIn,
  randomTrace,
} from './check-strategy.js';
export {
  type Breakage,
  type CheckedTrace,
  type CheckTraceOptions,
  checkTrace,
  KIT_INVARIANTS,
} from './check-trace.js';
export { EXIT_ORDERS, type ExitOrder, withClosing } from './closing.js';
export { arbTrace, type RandomTraceOptions } from './commands/index.js';
export { type Finding, formatFinding } from './finding.js';
export {
  createOracle,
  type FlatAnon,
  type FlatFile,
  type FlatProc,
  type FlatVma,
  type Oracle,
  type OracleAnswer,
} from './flat-oracle.js';
export { type FixtureKernel, type KernelFixture, kernelFixtures } from './kernel-fixtures.js';
export { lifeOfATable, type Phase } from './life-of-a-table.js';
export { REGRESSIONS, type Regression, regression, Script } from './regressions/index.js';
export { missing, neverOf, sometimesOf } from './sometimes.js';
export { type StarveReport, starve } from './starve.js';
