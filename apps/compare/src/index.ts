/**
 * What a configuration, and whatever reads a comparison, imports from `@forklab/compare`. The command itself is
 * `forklab`; see its `--help`.
 *
 * @packageDocumentation
 */
export { defineConfig } from './config.js';
export type {
  ForklabConfig,
  OneStrategy,
  ReportFormat,
  StrategyEntry,
  StrategyOptions,
} from './config-schema.js';
export type { BreakEven, Comparison, FaultClass, InputResult, Series, Stability, StrategyResult } from './document.js';
export { comparisonJsonSchema, comparisonSchema } from './document.js';
export { ROW_DOCS, ROW_GROUPS, ROW_KEYS, type RowDoc, type RowGroup, type RowKey, type RowUnit } from './row-docs.js';
