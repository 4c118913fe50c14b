/** `forklab doctor`: what this machine can do for forklab. Looks, changes nothing. */
import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Io } from '../io.js';
import type { Command } from './command.js';

interface Finding {
  readonly what: string;
  /** 'no' means that something does not work here; 'note' is a fact. */
  readonly state: 'yes' | 'no' | 'note';
  readonly says: string;
}

const onPath = (io: Io, name: string): string | null => {
  for (const dir of (io.env.PATH ?? '').split(delimiter)) {
    const file = join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
};

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
};

/** Frame numbers in pagemap read as zero without CAP_SYS_ADMIN; the first mapped page of this process tells. */
const pagemapShowsFrames = (): boolean => {
  const start = Number.parseInt(textOf('/proc/self/maps')?.split('-', 1)[0] ?? '', 16);
  let file: number | null = null;
  try {
    file = openSync('/proc/self/pagemap', 'r');
    const entry = Buffer.alloc(8);
    readSync(file, entry, 0, 8, Math.floor(start / 4096) * 8);
    return (entry.readBigUInt64LE() & ((1n << 55n) - 1n)) !== 0n;
  } catch {
    return false;
  } finally {
    if (file !== null) closeSync(file);
  }
};

const linux = (io: Io): Finding[] => {
  const frames = pagemapShowsFrames();
  const thp = textOf('/sys/kernel/mm/transparent_hugepage/enabled');
  const swaps = (textOf('/proc/swaps')?.split('\n').length ?? 1) - 1;
  const root = process.getuid?.() === 0;
  return [
    {
      what: 'capture',
      state: existsSync('/proc/self/pagemap') ? 'yes' : 'no',
      says: 'reads maps, smaps and pagemap of a process you may trace',
    },
    {
      what: 'frame numbers',
      state: frames ? 'yes' : 'no',
      says: frames ? 'capture --watch sees which pages are written' : 'without root, capture --watch sees sharing only',
    },
    {
      what: 'root',
      state: root ? 'yes' : 'no',
      says: root ? 'any process can be captured' : 'your own processes can be captured',
    },
    { what: 'transparent huge pages', state: 'note', says: thp ?? 'not in this kernel' },
    { what: 'swap', state: 'note', says: swaps > 0 ? `${swaps} in use` : 'none' },
    tool(io, 'redis-server', 'the Redis recipe of traces/captured can be repeated'),
    tool(io, 'chromium', 'the test of the HTML report can run'),
  ];
};

const tool = (io: Io, name: string, says: string): Finding => {
  const path = onPath(io, name);
  return { what: name, state: path ? 'yes' : 'no', says: path ? says : `not found, so not: ${says}` };
};

const examine = (io: Io): Finding[] => {
  const compiler = ['cc', 'gcc', 'clang'].map((name) => onPath(io, name)).find((path) => path !== null);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  const kernel = platform() === 'linux';
  return [
    { what: 'node', state: recent ? 'yes' : 'no', says: `${process.versions.node}, 20.19 or newer is needed` },
    {
      what: 'host',
      state: 'note',
      says: `${platform()} ${release()} ${arch()}, ${cpus().length} CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    },
    {
      what: 'C compiler',
      state: compiler ? 'yes' : 'no',
      says: compiler ? `${compiler}: traces can run on the live kernel` : 'traces cannot run on the live kernel',
    },
    ...(kernel ? linux(io) : [{ what: 'capture', state: 'no' as const, says: 'needs Linux' }]),
  ];
};

export const command: Command = {
  name: 'doctor',
  about: 'Says what this machine can do: capture, run on the live kernel, build reports.',
  args: { json: { type: 'boolean', description: 'print the findings as JSON' } },
  examples: [{ call: 'forklab doctor', does: 'lists what works here and what does not, with the reason' }],
  async run(args, io) {
    const findings = examine(io);
    if (args.has('json')) {
      await io.out(`${JSON.stringify({ forklab: 'doctor', version: 1, findings })}\n`);
      return 0;
    }
    const width = Math.max(...findings.map(({ what }) => what.length));
    for (const { what, state, says } of findings) await io.out(`${state.padEnd(4)}  ${what.padEnd(width)}  ${says}\n`);
    return 0;
  },
};
