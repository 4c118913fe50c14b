/** Fixed traces, by name: the traps that a strategy must not fall into. */
import { ARGUMENTS } from './arguments.js';
import { FILES } from './files.js';
import { GROWTH } from './growth.js';
import { HUGE_ADVICE } from './huge-advice.js';
import { HUGE_PAGES } from './huge-pages.js';
import { LIVES } from './lives.js';
import { MARKERS } from './markers.js';
import { NEIGHBOURS } from './neighbours.js';
import { OPERATIONS } from './operations.js';
import type { Regression } from './script.js';
import { SWAP } from './swap.js';

export { type Regression, regression, Script } from './script.js';

export const REGRESSIONS: readonly Regression[] = [
  ...ARGUMENTS,
  ...LIVES,
  ...GROWTH,
  ...NEIGHBOURS,
  ...OPERATIONS,
  ...FILES,
  ...MARKERS,
  ...HUGE_PAGES,
  ...HUGE_ADVICE,
  ...SWAP,
];
