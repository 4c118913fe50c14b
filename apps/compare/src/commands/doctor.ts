/** `forklab doctor`: what this machine can do for forklab. Looks, changes nothing. */
import { accessSync, constants, existsSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { isForklabError } from '@forklab/core';
import type { HostFacts, KernelRunner } from '@forklab/linux';
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

const OVERCOMMIT = ['0: by a guess', '1: always', '2: never more than there is'] as const;

/** What of the kernel a comparison with the model can look at. */
const kernelFacts = (host: HostFacts): Finding[] => [
  {
    what: 'model',
    state: host.exactly ? 'yes' : 'note',
    says: `--kernel ${host.fits} ${host.exactly ? 'fits' : 'is the nearer one, and does not fit whole'}`,
  },
  { what: 'transparent huge pages', state: 'note', says: host.thp ?? 'not in this kernel' },
  { what: 'hugetlb', state: 'note', says: `${host.hugetlbFree} huge pages of 2 MiB are free` },
  { what: 'swap', state: 'note', says: host.zram ? 'a zram device while traces need one' : 'no root, or no zram' },
  { what: 'overcommit', state: 'note', says: OVERCOMMIT[host.overcommit] ?? `${host.overcommit}` },
  {
    what: 'io_uring',
    state: host.ioUringDisabled === 2 ? 'no' : 'note',
    says: `kernel.io_uring_disabled is ${host.ioUringDisabled ?? 'not there'}`,
  },
  {
    what: 'userfaultfd',
    state: host.userfaultfd ? 'yes' : 'no',
    says: host.userfaultfd ? 'in this kernel' : 'not in this kernel',
  },
];

/** What validate compares here, area by area: found by trying. */
const areaFindings = async (host: HostFacts): Promise<Finding[]> => {
  const [linux, { classic }] = await Promise.all([import('@forklab/linux'), import('@forklab/strategy-classic')]);
  let kernel: KernelRunner;
  try {
    kernel = await linux.openKernelRunner();
  } catch (error) {
    if (!isForklabError(error)) throw error;
    return [{ what: 'validate', state: 'no', says: error.message.split('\n')[0]! }];
  }
  try {
    const survey = await linux.surveyAreas(host, kernel, linux.modelOf([classic()], host.fits));
    return survey.map(({ area, why }) => ({
      what: `validate ${area}`,
      state: why === null ? 'yes' : 'no',
      says: why === null ? linux.areaInfo(area).says : `left out: ${why}`,
    }));
  } finally {
    await kernel.close();
  }
};

const linux = async (io: Io): Promise<Finding[]> => {
  const { examineHost } = await import('@forklab/linux');
  const host = examineHost();
  return [
    {
      what: 'capture',
      state: existsSync('/proc/self/pagemap') ? 'yes' : 'no',
      says: 'reads maps, smaps and pagemap of a process you may trace',
    },
    {
      what: 'frame numbers',
      state: host.frameNumbers ? 'yes' : 'no',
      says: host.frameNumbers
        ? 'capture --watch sees which pages are written'
        : 'without root, capture --watch sees sharing only',
    },
    {
      what: 'root',
      state: host.root ? 'yes' : 'no',
      says: host.root ? 'any process can be captured' : 'your own processes can be captured',
    },
    ...kernelFacts(host),
    ...(await areaFindings(host)),
    tool(io, 'redis-server', 'the Redis recipe of traces/captured can be repeated'),
    tool(io, 'chromium', 'the test of the HTML report can run'),
  ];
};

const tool = (io: Io, name: string, says: string): Finding => {
  const path = onPath(io, name);
  return { what: name, state: path ? 'yes' : 'no', says: path ? says : `not found, so not: ${says}` };
};

const examine = async (io: Io): Promise<Finding[]> => {
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
    ...(kernel ? await linux(io) : [{ what: 'capture', state: 'no' as const, says: 'needs Linux' }]),
  ];
};

export const command: Command = {
  name: 'doctor',
  about: 'Says what this machine can do: capture, run on the live kernel and compare with it, build reports.',
  args: { json: { type: 'boolean', description: 'print the findings as JSON' } },
  examples: [{ call: 'forklab doctor', does: 'lists what works here and what does not, with the reason' }],
  async run(args, io) {
    const findings = await examine(io);
    if (args.has('json')) {
      await io.out(`${JSON.stringify({ forklab: 'doctor', version: 1, findings })}\n`);
      return 0;
    }
    const width = Math.max(...findings.map(({ what }) => what.length));
    for (const { what, state, says } of findings) await io.out(`${state.padEnd(4)}  ${what.padEnd(width)}  ${says}\n`);
    return 0;
  },
};
