/** FL4001 to FL4019: the live kernel, that is building the native programs, running a trace and measuring a host. */

import { oneOf, plain } from '../words.js';
import { entry } from './entry.js';

export interface TracePlace {
  readonly trace: string;
  /** Line index of the operation, the header being 0, as `i` in results. */
  readonly line: number;
}

const where = ({ trace, line }: TracePlace): string => `trace ${plain(trace)}, operation ${line}`;

const hex = (value: number): string => `0x${value.toString(16)}`;

export const KERNEL_ERRORS = {
  FL4001: entry({
    title: 'this host has no such kernel',
    about: 'Running a trace on the kernel, and measuring a host, need Linux on x86-64. Everything else does not.',
    example: { platform: 'darwin', arch: 'arm64' },
    say: ({ platform, arch }: { readonly platform: string; readonly arch: string }) => ({
      what: `this is ${plain(platform)} on ${plain(arch)}, and the live kernel is used on linux on x64 only`,
      fix: 'run it on an x86-64 Linux machine, or leave out what compares with the kernel',
    }),
  }),
  FL4002: entry({
    title: 'there is no C compiler',
    about: 'The native programs are small and compiled when first used. No compiler answered to `--version`.',
    example: { tried: ['cc', 'gcc', 'clang'] },
    say: ({ tried }: { readonly tried: readonly string[] }) => ({
      what: `no C compiler found (tried ${oneOf(tried, 'and')})`,
      fix: 'install gcc or clang, or set CC to the name of a compiler',
    }),
  }),
  FL4003: entry({
    title: 'a native program does not compile',
    about: 'The compiler was found and failed. Its own words are in the message.',
    example: { program: 'runner', compiler: 'cc', output: 'fatal error: sys/ptrace.h: No such file or directory' },
    say: ({
      program,
      compiler,
      output,
    }: {
      readonly program: string;
      readonly compiler: string;
      readonly output: string;
    }) => ({
      what: `${plain(compiler)} could not compile ${plain(program)}.c: ${plain(output, 600)}`,
      fix: 'install the C library and the kernel headers (Debian: gcc libc6-dev linux-libc-dev), or set CC to another compiler',
    }),
  }),
  FL4004: entry({
    title: 'the folder for native programs is not safe',
    about: 'A compiled program is kept and run again, so the folder must belong to this user and be closed to others.',
    example: { path: '/tmp/forklab-1000', problem: 'it belongs to another user' },
    say: ({ path, problem }: { readonly path: string; readonly problem: string }) => ({
      what: `${plain(path)} cannot hold native programs: ${plain(problem)}`,
      fix: 'remove it or mend its mode (0700), or set XDG_CACHE_HOME to a folder of your own',
    }),
  }),
  FL4005: entry({
    title: 'the kernel does not let a trace be run',
    about:
      'The native program could not start the process that does what a trace says. It needs ptrace() of its own ' +
      'children and files in its cache folder that may be executed; some containers forbid the one, some mounts the other.',
    example: { reason: 'EPERM' },
    say: ({ reason }: { readonly reason: string }) => ({
      what: `no trace can be run on this kernel: ${plain(reason)}`,
      fix: 'allow ptrace (Docker: --cap-add=SYS_PTRACE), and set XDG_CACHE_HOME to a folder on a file system without noexec',
    }),
  }),
  FL4006: entry({
    title: 'a trace took too long on the kernel',
    about: 'All its processes were ended. Nothing of what it answered is used.',
    example: { trace: 'a', line: 12, timeoutMs: 60000 },
    say: (args: TracePlace & { readonly timeoutMs: number }) => ({
      what: `${where(args)}: it was not done within ${args.timeoutMs} ms`,
      fix: 'raise timeoutMs, or make the trace smaller',
    }),
  }),
  FL4007: entry({
    title: 'a process of a trace was killed',
    about: 'Not by the trace: the kernel was out of memory, or somebody sent a signal.',
    example: { trace: 'a', line: 12, how: 'SIGKILL' },
    say: (args: TracePlace & { readonly how: string }) => ({
      what: `${where(args)}: a process that does the trace was lost (${plain(args.how)})`,
      fix: 'look for the out-of-memory killer in the kernel log; make the trace smaller, or give it more memory',
    }),
  }),
  FL4008: entry({
    title: 'an address cannot be used on the kernel',
    about: 'The process that does a trace has a page of code and its control area in the lowest 512 GiB.',
    example: { trace: 'a', line: 2, op: 'mmap', field: 'addr', addr: 0x400000, lowest: 0x8000000000 },
    say: (
      args: TracePlace & {
        readonly op: string;
        readonly field: string;
        readonly addr: number;
        readonly lowest: number;
      },
    ) => ({
      what:
        `${where(args)}: "${args.field}" of "${args.op}" is ${hex(args.addr)}, ` +
        `and traces run on the kernel start at ${hex(args.lowest)}`,
      fix: 'move the addresses of the trace up, by a multiple of 512 GiB so that its tables stay the same',
    }),
  }),
  FL4009: entry({
    title: 'a process of a trace cannot do an operation',
    about:
      'It is not alive, or it waits for a vfork child. A trace that was read from a file was checked for the former.',
    example: { trace: 'a', line: 5, proc: 'p1' },
    say: (args: TracePlace & { readonly proc: string }) => ({
      what: `${where(args)}: the process ${plain(args.proc)} is dead, or waits for its vfork child`,
      fix: 'let the child exit or exec first, or name a live process',
    }),
  }),
  FL4010: entry({
    title: 'measuring this host failed',
    about: 'The native probe ended without its result.',
    example: { reason: 'not enough memory for 1024 MiB' },
    say: ({ reason }: { readonly reason: string }) => ({
      what: `the probe did not finish: ${plain(reason)}`,
      fix: 'measure less memory (mib), or free some',
    }),
  }),
} as const;
