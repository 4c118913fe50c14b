/** Capturing a live process as a trace. */

export type { Assumption } from './assume.js';
export { DEFAULT_ASSUMPTION } from './assume.js';
export type { Captured, CommandOptions } from './capture.js';
export { capture, captureCommand } from './capture.js';
export type { ChangeCounts } from './changes.js';
export type { FileNames } from './files.js';
export type { LeftOut } from './keep.js';
export type { LayoutCounts, Unsaid } from './layout.js';
export type { CaptureOptions, CaptureStage } from './options.js';
export type { CaptureSummary, Compared, WatchSummary } from './summary.js';
export type { Watched } from './watch.js';
