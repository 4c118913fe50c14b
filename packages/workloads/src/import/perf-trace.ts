/** Lines of `perf trace`: `12.345 ( 0.004 ms): bash/1234 mmap(addr: 0x7f…, len: 8192, …) = 0x7f…`. */
import { type Line, numberOf } from './call.js';

const LINE =
  /^\s*(?:[\d.]{1,20}|\?)\s*\([^)]{0,40}\):\s*(?:\S{0,60}\/(\d{1,10})\s+)?(?:\.\.\. \[continued\]: )?(\w{1,20})\((.*)\)\s*=\s*(\S{1,30})/;
const BEGUN = /^\s*[\d.]{1,20}\s*\([^)]{0,40}\):\s*(?:\S{0,60}\/(\d{1,10})\s+)?(\w{1,20})\((.*)\)\s*\.\.\.\s*$/;

const argumentsOf = (inner: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    inner.split(',').flatMap((part) => {
      const colon = part.indexOf(':');
      return colon < 0
        ? []
        : [[part.slice(0, colon).trim().replace('clone_flags', 'flags'), part.slice(colon + 1).trim()]];
    }),
  );

const KNOWN: ReadonlySet<string> = new Set(
  'mmap munmap mprotect mremap brk madvise clone clone3 fork vfork execve exit_group'.split(' '),
);

/** Reads one line after the other. */
export const perfTraceReader = (): ((text: string) => Line) => {
  return (text) => {
    const [, pid = '', name = '', inner = '', result = ''] = LINE.exec(text) ?? [];
    if (name === '') {
      const [, waiting = '', what = '', args = ''] = BEGUN.exec(text) ?? [];
      return KNOWN.has(what)
        ? { is: 'begun', pid: waiting, name: what, flags: argumentsOf(args).flags ?? '' }
        : { is: 'other' };
    }
    if (!KNOWN.has(name)) return { is: 'other' };
    if (name === 'exit_group') return { is: 'ended', pid, whole: true };
    // A fork answers with the name of the child before its number: `1235 (bash)` has the number first.
    const value = result.startsWith('-') ? null : numberOf(/^(0x[0-9a-f]+|\d+)/i.exec(result)?.[1]);
    return { is: 'call', call: { pid, name, args: argumentsOf(inner), result: value } };
  };
};
