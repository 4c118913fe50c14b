/** FL41xx: what can go wrong while a live process is captured. */

import { plain, show } from '../words.js';
import { entry } from './entry.js';

const READ_RIGHTS =
  'run as the user of that process with ptrace-read rights (as root, with CAP_SYS_PTRACE, or where ' +
  '/proc/sys/kernel/yama/ptrace_scope permits it)';

export const CAPTURE_ERRORS = {
  FL4101: entry({
    title: 'capture needs Linux',
    about: 'A capture reads /proc of a live process, which only Linux has in this form.',
    example: { platform: 'darwin' },
    say: ({ platform }: { readonly platform: string }) => ({
      what: `a process can be captured on Linux only, and this is ${plain(platform, 40)}`,
      fix: 'capture on a Linux host and copy the trace here; replaying it needs no Linux',
    }),
  }),
  FL4102: entry({
    title: 'there is no such process',
    about: 'The process that was to be captured does not exist, or not in this PID namespace.',
    example: { pid: 12345 },
    say: ({ pid }: { readonly pid: number }) => ({
      what: `there is no process ${pid}`,
      fix: 'give the PID of a live process as this PID namespace sees it (pidof NAME)',
    }),
  }),
  FL4103: entry({
    title: 'a process is not readable',
    about: 'The kernel refused one of maps, smaps, pagemap, status of the process. Nothing was written.',
    example: { pid: 1, file: 'smaps', reason: 'permission denied (EACCES)' },
    say: ({ pid, file, reason }: { readonly pid: number; readonly file: string; readonly reason: string }) => ({
      what: `/proc/${pid}/${plain(file, 60)} cannot be read: ${reason}`,
      fix: READ_RIGHTS,
    }),
  }),
  FL4104: entry({
    title: 'a process has no memory of its own',
    about: 'Kernel threads have no user address space, and a process that has exited (a zombie) has none any more.',
    example: { pid: 2, kind: 'a kernel thread' },
    say: ({ pid, kind }: { readonly pid: number; readonly kind: string }) => ({
      what: `process ${pid} is ${kind} and has no address space to capture`,
      fix: 'give the PID of a live user process',
    }),
  }),
  FL4105: entry({
    title: 'a process ended while it was captured',
    about: 'The process exited or was killed before the capture had read all of it. Nothing was written.',
    example: { pid: 4711, during: 'reading its pagemap' },
    say: ({ pid, during }: { readonly pid: number; readonly during: string }) => ({
      what: `process ${pid} ended while forklab was ${during}`,
      fix: 'capture it again, while it lives',
    }),
  }),
  FL4106: entry({
    title: 'text of /proc is not understood',
    about: 'A line of /proc does not have the form that Linux documents. It is refused rather than guessed at.',
    example: { file: '/proc/4711/maps', line: 3, arrived: 'zzz', expected: 'a mapping' },
    say: (args: {
      readonly file: string;
      readonly line: number;
      readonly arrived: string;
      readonly expected: string;
    }) => ({
      what: `${plain(args.file, 60)}:${args.line}: got ${show(args.arrived)}, expected ${args.expected}`,
      fix: 'capture again; if it stays, report it together with the kernel release (uname -r)',
    }),
  }),
  FL4107: entry({
    title: 'a process is too large to capture',
    about: 'A bound was passed: mappings, text of /proc, scanned addresses, or operations of the trace.',
    example: { pid: 4711, what: 'operations', found: 250000, max: 200000, option: 'maxOps' },
    say: (args: {
      readonly pid: number;
      readonly what: string;
      readonly found: number;
      readonly max: number;
      readonly option: string;
    }) => ({
      what: `process ${args.pid} needs ${args.found} ${plain(args.what, 60)}, and at most ${args.max} are allowed`,
      fix: `raise ${plain(args.option, 40)}, or capture a smaller process`,
    }),
  }),
  FL4108: entry({
    title: 'no fork was seen',
    about:
      'The watched process forked no child in the time given. Children that only exec() or share its memory do not count.',
    example: { pid: 4711, seconds: 10, passedOver: 0 },
    say: (args: { readonly pid: number; readonly seconds: number; readonly passedOver: number }) => ({
      what:
        `process ${args.pid} forked no child within ${args.seconds} s` +
        (args.passedOver > 0 ? ` (${args.passedOver} passed over: they ran another program or shared its memory)` : ''),
      fix: 'watch longer, or give a trigger: a command that makes it fork, such as redis-cli BGSAVE',
    }),
  }),
  FL4109: entry({
    title: 'a command did not run',
    about: 'The command that was to be captured, or the trigger of a watch, could not be started or ended too early.',
    example: { command: 'redis-server', problem: 'it exited with status 1 before it could be captured' },
    say: ({ command, problem }: { readonly command: string; readonly problem: string }) => ({
      what: `${show(command)}: ${plain(problem)}`,
      fix: 'run the command by itself first; it must exist, and a captured one must stay in the foreground',
    }),
  }),
  FL4110: entry({
    title: 'an option of capture does not fit',
    about: 'An option has the wrong type or is out of range.',
    example: { option: 'watch', arrived: -1, expected: 'seconds, from 0.1 to 86400' },
    say: (args: { readonly option: string; readonly arrived: unknown; readonly expected: string }) => ({
      what: `option ${plain(args.option, 40)} of capture is ${show(args.arrived)}`,
      fix: `make it ${args.expected}`,
    }),
  }),
  FL4111: entry({
    title: 'the page size is not 4 KiB',
    about: 'The trace format and the model have pages of 4 KiB; this kernel was built with others.',
    example: { pid: 4711, kb: 64 },
    say: ({ pid, kb }: { readonly pid: number; readonly kb: number }) => ({
      what: `process ${pid} has pages of ${kb} KiB`,
      fix: 'capture on a kernel with pages of 4 KiB',
    }),
  }),
} as const;
