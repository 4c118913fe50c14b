/** Where traces of the kit live. */
import type { Geometry } from '@forklab/core';

/** Linux keeps this PGD entry free on x86-64: nothing else lives there, so what is counted there is the trace's alone. */
const X86_64_BASE = 0x1000_0000_0000;

/** An address at which a PTE, a PMD and a PUD table begin. */
export const baseOf = ({ taskSize, pgdBytes }: Geometry): number => (taskSize > X86_64_BASE ? X86_64_BASE : pgdBytes);
