/** Lines of `strace -f`, with or without -o, -t, -r, -T and -y. */
import { type Begun, type Call, type Line, numberOf } from './call.js';

/** Names of arguments, in order. Calls that are not here are passed over. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  mmap: ['addr', 'len', 'prot', 'flags', 'fd', 'off'],
  munmap: ['addr', 'len'],
  mprotect: ['start', 'len', 'prot'],
  mremap: ['addr', 'old_len', 'new_len', 'flags', 'new_addr'],
  brk: ['brk'],
  madvise: ['start', 'len_in', 'behavior'],
  clone: [],
  clone3: [],
  fork: [],
  vfork: [],
  execve: [],
  exit_group: [],
};

const PID = /^(?:\[pid\s+(\d{1,10})\]\s+|(\d{1,10})\s+)?/;
const TIME = /^(?:\d{1,2}:\d{2}:\d{2}(?:\.\d{1,9})?|\d{1,12}\.\d{1,9})\s+(?:\(\+\s*[\d.]+\)\s+)?/;
/** Written by strace itself, in the middle of a line when both go to the terminal. */
const ATTACHED = /(?:strace: )?Process (\d{1,10}) attached\s*$/;
const ENDED = /^\+\+\+ (?:exited with|killed by) /;
const RESUMED = /^<\.\.\. (\w{1,20}) resumed>\s?/;
const RETURNED = /\)\s*=\s*(0x[0-9a-f]{1,16}|-?\d{1,16}|\?)/i;

const argumentsOf = (name: string, inner: string): Readonly<Record<string, string>> => {
  if (name.startsWith('clone')) return { flags: /flags=([A-Z0-9_|x]{0,500})/.exec(inner)?.[1] ?? '' };
  const names = ARGUMENTS[name]!;
  const parts = names.length === 0 ? [] : inner.split(',', names.length);
  return Object.fromEntries(parts.map((part, i) => [names[i]!, part.trim()]));
};

/** The call of whoever forked, which the news of its child has cut off. */
const begunIn = (text: string): Begun | null => {
  const [head, bracketed, bare] = PID.exec(text) ?? [''];
  const line = text.slice(head.length).replace(TIME, '');
  const name = /^(clone3?|v?fork)\(/.exec(line)?.[1];
  if (name === undefined) return null;
  return { pid: bracketed ?? bare ?? '', name, flags: argumentsOf(name, line).flags ?? '' };
};

/** Reads lines in order: a call that was interrupted by the lines of others is put together again. */
export const straceReader = (): ((text: string) => Line) => {
  const begun = new Map<string, { readonly name: string; readonly inner: string }>();

  const returned = (pid: string, name: string, rest: string): Line => {
    const end = RETURNED.exec(rest);
    const value = end?.[1]?.startsWith('-') ? null : numberOf(end?.[1]);
    const call: Call = { pid, name, args: argumentsOf(name, rest.slice(0, end?.index ?? rest.length)), result: value };
    return { is: 'call', call };
  };

  return (text) => {
    const attached = ATTACHED.exec(text);
    if (attached) return { is: 'attached', pid: attached[1]!, by: begunIn(text.slice(0, attached.index)) };
    const [head, bracketed, bare] = PID.exec(text) ?? [''];
    const pid = bracketed ?? bare ?? '';
    const line = text.slice(head.length).replace(TIME, '');
    if (ENDED.test(line)) return { is: 'ended', pid, whole: false };
    const [resumedHead, resumed] = RESUMED.exec(line) ?? [];
    if (resumedHead !== undefined) {
      const before = begun.get(pid);
      begun.delete(pid);
      if (before === undefined || before.name !== resumed) return { is: 'other' };
      return returned(pid, before.name, before.inner + line.slice(resumedHead.length));
    }
    const open = line.indexOf('(');
    const name = line.slice(0, Math.max(0, open));
    if (!Object.hasOwn(ARGUMENTS, name)) return { is: 'other' };
    const rest = line.slice(open + 1);
    if (name === 'exit_group') return { is: 'ended', pid, whole: true };
    const cut = rest.indexOf('<unfinished ...>');
    if (cut < 0) return returned(pid, name, rest);
    begun.set(pid, { name, inner: rest.slice(0, cut) });
    return { is: 'begun', pid, name, flags: argumentsOf(name, rest).flags ?? '' };
  };
};
