/**
 * For test files run by vitest: calls that describe a whole suite.
 *
 * @packageDocumentation
 */
export { describeCowTables } from './describe-cow-tables.js';
export { describePatched } from './describe-patched.js';
export { describeRecordings } from './describe-recordings.js';
export { type DescribeOptions, describeStrategy } from './describe-strategy.js';
