// A user of the published packages: a strategy as a library, and the command with a config of its own.

const CHECK = `import { defineConfig } from '@forklab/compare';
import type { StrategyPlugin } from '@forklab/core';
import { cowPte } from '@forklab/strategy-cow-pte';

const plugin: StrategyPlugin = cowPte();
console.log(plugin.name, typeof defineConfig);
`;

const CONFIG = `import { defineConfig } from '@forklab/compare';

export default defineConfig({ strategies: ['classic', 'cow-pte'] });
`;

const MIB = 1024 * 1024;

/** 4 MiB written, forked, and one page of it written by the child: enough to share tables and to break one. */
const TRACE = [
  { forklab: 'trace', version: 1, name: 'rehearsal' },
  { op: 'process', proc: 'p0' },
  { op: 'mmap', proc: 'p0', addr: '0x7f0000000000', length: 4 * MIB, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: 'p0', addr: '0x7f0000000000', length: 4 * MIB },
  { op: 'fork', proc: 'p0', child: 'c0' },
  { op: 'write', proc: 'c0', addr: '0x7f0000000000', length: 4096, value: 2 },
  { op: 'digest', proc: 'p0', addr: '0x7f0000000000', length: 4096 },
  { op: 'exit', proc: 'c0' },
];

/** How TypeScript may be told to find packages. Each must find ours. */
export const resolutions = [
  { module: 'NodeNext', moduleResolution: 'NodeNext' },
  { module: 'Node16', moduleResolution: 'Node16' },
  { module: 'ESNext', moduleResolution: 'Bundler' },
];

/** The trace's operations end in 0, in this order. */
export const expectedOps = ['mmap', 'write', 'fork', 'write', 'digest', 'exit'];

/** @param {string} registry @returns {Record<string, string>} */
export const consumerFiles = (registry) => ({
  // Only our packages come from the rehearsal's registry; theirs come from where this machine gets packages anyway.
  '.npmrc': `@forklab:registry=${registry}\n`,
  'package.json': JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  'check.ts': CHECK,
  'forklab.config.ts': CONFIG,
  'trace.jsonl': TRACE.map((line) => `${JSON.stringify(line)}\n`).join(''),
});
