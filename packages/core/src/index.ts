/**
 * The machine of forklab: an executable model of the part of Linux that fork() goes through, with the strategy for page
 * tables left open. Start with `runTrace`, or with `StrategyPlugin` to write a strategy.
 *
 * @packageDocumentation
 */
export type * from './as-posted.js';
export * from './counters.js';
export { dumpEntries, dumpProcess, dumpSpace } from './dump.js';
export { InvariantViolation } from './errors/violation.js';
export { ERRORS, type ErrorArgs, type ErrorCode, ForklabError, isForklabError } from './errors.js';
export { File } from './file.js';
export { Frames } from './frames.js';
export { alignDown, type Geometry, isPageAligned, PAGE_SHIFT, PAGE_SIZE, pageAlign, TINY, X86_64 } from './geometry.js';
export { INVARIANTS, type InvariantId } from './invariant-list.js';
export { type Breach, checkInvariants } from './invariants.js';
export type { KernelRelease } from './kernel-release.js';
export type * from './load.js';
export { createMachine, Machine, type MachineOptions, machineName, type Usage } from './machine.js';
export { Accessor } from './ops/access.js';
export { exec, exit } from './ops/exit.js';
export { fork } from './ops/fork.js';
export { MODELLED_ADVICE } from './ops/madvise.js';
export { Tables } from './page-table.js';
export { type Answers, type Comparison, compareResults, type Difference, type Stop } from './run/compare-results.js';
export { createRunner, type Runner, type RunOptions, runTrace, type StepSeen } from './run/runner.js';
export { UNMODELLED_MMAP_FLAGS } from './run/step.js';
export { touchAddresses } from './run/touch-pattern.js';
export { sampleMachine, sampleProcess, takeSample } from './sample.js';
export { Space } from './space.js';
export type * from './strategy.js';
export { type SiteDoc, TOUCH_SITES, type TouchSite } from './touch-sites.js';
export * from './trace/index.js';
export { Vma } from './vma.js';
export { findSlot } from './walk.js';
export { nearest, oneOf, osReason, plain, show } from './words.js';
