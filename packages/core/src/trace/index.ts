export type { LineChecker, Place } from './check.js';
export { createLineChecker } from './check.js';
export type { FieldType, NameKind } from './field-types.js';
export { expected, NAME_LENGTH_MAX, SOURCE_DEPTH_MAX } from './field-types.js';
export type { Field, Operation } from './fields.js';
export { commonFields, HEADER, OPERATIONS } from './fields.js';
export { formatTrace, traceLines } from './format.js';
export { createOrderChecker } from './order.js';
export type { TraceLimits } from './parse.js';
export { DEFAULT_LIMITS, parseTrace } from './parse.js';
export type { ReadOptions } from './read.js';
export { readTrace } from './read.js';
export type * from './result.js';
export { pruneOps, type ShrinkOptions, shrinkTrace, shrinkTraceAsync } from './shrink.js';
export type * from './types.js';
export { isName, parseBytes } from './values.js';
export {
  ADVICES,
  DEFAULT_STRIDE,
  DEFAULT_VALUE,
  MMAP_FLAGS,
  PIN_HOWS,
  PROTS,
  SAMPLE_FIELDS,
  SHARE_KINDS,
  STEP_FIELDS,
  THP_MODES,
  TOUCH_PATTERNS,
  UFFD_MODES,
} from './vocabulary.js';
export { writeWhole } from './whole-file.js';
export { writeTrace } from './write.js';
