/** The cases of the kernel's selftest of copy-on-write, as traces with what the kernel demands of them. */
import { ANONYMOUS } from './anonymous.js';
import type { CowCase } from './case.js';
import { PRIVATE } from './private.js';

export type { CowCase, Demand } from './case.js';

export const COW_CASES: readonly CowCase[] = [...ANONYMOUS, ...PRIVATE];
