/** FL2xxx: what can be wrong with a trace. Lines are counted from 1, as editors do. */

import { oneOf, plain, show } from '../words.js';
import { entry } from './entry.js';

export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A field of an operation, or of the header when `op` is `header`. */
export interface FieldPlace extends Place {
  readonly op: string;
  readonly field: string;
}

const at = ({ file, line }: Place): string => `${plain(file)}:${line}`;

const of = (op: string): string => (op === 'header' ? 'the header' : `operation "${op}"`);

const meant = (guess: string | undefined, otherwise: string): string =>
  guess === undefined ? otherwise : `write ${show(guess)} if that is what was meant; ${otherwise}`;

const CUT_SHORT = 'make the trace again, or copy it again: the file may have been cut short';

const LIMITS = {
  line: (max: number) => ({ what: `a line is longer than ${max} bytes`, fix: 'a trace has one operation a line' }),
  operations: (max: number) => ({ what: `there are more than ${max} operations`, fix: 'split the trace' }),
  bytes: (max: number) => ({ what: `the text is longer than ${max} bytes`, fix: 'split the trace' }),
};

export const TRACE_ERRORS = {
  FL2001: entry({
    title: 'a trace cannot be read',
    about: 'The host refused to open or to read the file, or the stream that a program passed failed.',
    example: { file: 'a.jsonl', reason: 'no such file or directory (ENOENT)' },
    say: ({ file, reason }: { readonly file: string; readonly reason: string }) => ({
      what: `${plain(file)} cannot be read: ${reason}`,
      fix: 'name a trace file that exists and that you may read',
    }),
  }),
  FL2002: entry({
    title: 'gzip data is damaged',
    about:
      'The data began as gzip and then ended early, did not match its check sum, or was followed by something else; or ' +
      'a file named .gz is not gzip. Nothing of such a trace is used, not even the part that could be read.',
    example: { file: 'a.jsonl.gz', reason: 'the data ends before the gzip stream does' },
    say: ({ file, reason }: { readonly file: string; readonly reason: string }) => ({
      what: `${plain(file)} is not sound gzip: ${reason}`,
      fix: CUT_SHORT,
    }),
  }),
  FL2003: entry({
    title: 'a trace is not UTF-8',
    about: 'A line holds bytes that are not UTF-8. UTF-16 is not accepted either; a UTF-8 byte order mark is.',
    example: { file: 'a.jsonl', line: 3 },
    say: (args: Place) => ({
      what: `${at(args)}: the line is not UTF-8 text`,
      fix: 'save the trace as UTF-8; a trace is JSON Lines, plain or gzip',
    }),
  }),
  FL2004: entry({
    title: 'a trace is too large',
    about:
      'A line, the number of operations, or the whole text (after decompression) passed its limit. Reading stops at ' +
      'the limit, so memory stays bounded whatever the file holds. A program may raise the limits of `readTrace`.',
    example: { file: 'a.jsonl', line: 2000002, limit: 'operations' as const, max: 2000000 },
    say: (args: Place & { readonly limit: 'line' | 'operations' | 'bytes'; readonly max: number }) => {
      const { what, fix } = LIMITS[args.limit](args.max);
      return { what: `${at(args)}: ${what}`, fix: `${fix}, or raise the limit with readTrace(path, { limits })` };
    },
  }),
  FL2005: entry({
    title: 'a line is not a JSON object',
    about:
      'Each line must hold exactly one JSON object. Blank lines are refused, since results count lines. LF ends a ' +
      'line, CRLF is accepted, and the last line may lack its end.',
    example: { file: 'a.jsonl', line: 9, arrived: '{"op":"exit","pro', reason: 'Unterminated string', last: true },
    say: (args: Place & { readonly arrived: unknown; readonly reason?: string; readonly last?: boolean }) => ({
      what:
        `${at(args)}: expected one JSON object, got ${args.arrived === '' ? 'a blank line' : show(args.arrived)}` +
        (args.reason ? ` (${plain(args.reason, 100)})` : ''),
      fix: args.last ? `${CUT_SHORT} (its last line has no line end)` : 'put one JSON object on each line',
    }),
  }),
  FL2006: entry({
    title: 'the header is missing or not first',
    about: 'The first line of a trace, and only the first, is its header. An empty file has none.',
    example: { file: 'a.jsonl', line: 1, problem: 'it is an operation, not a header' },
    say: (args: Place & { readonly problem: string }) => ({
      what: `${at(args)}: ${args.problem}`,
      fix: 'begin the file with one header line: {"forklab":"trace","version":1,"name":"..."}',
    }),
  }),
  FL2007: entry({
    title: 'the version of a trace is unknown',
    about: 'This release reads version 1.',
    example: { file: 'a.jsonl', line: 1, arrived: 2 },
    say: (args: Place & { readonly arrived: unknown }) => ({
      what: `${at(args)}: "version" of the header is ${show(args.arrived)}, expected 1`,
      fix: 'use a release of forklab that reads this version, or make the trace again with this one',
    }),
  }),
  FL2008: entry({
    title: 'an operation is unknown',
    about: 'The field `op` is absent, or names no operation of the format.',
    example: { file: 'a.jsonl', line: 4, arrived: 'munamp', guess: 'munmap' },
    say: (args: Place & { readonly arrived: unknown; readonly guess?: string }) => ({
      what: `${at(args)}: "op" is ${show(args.arrived)}, expected the name of an operation`,
      fix: meant(args.guess, 'docs/reference/trace.md lists all operations'),
    }),
  }),
  FL2009: entry({
    title: 'a field is unknown',
    about:
      'An operation (or the header) carries a field that the format does not give it. It is refused, since a misspelt ' +
      'optional field would otherwise be ignored in silence. Comments go into `note`.',
    example: {
      file: 'a.jsonl',
      line: 4,
      op: 'read',
      field: 'strid',
      guess: 'stride',
      known: ['proc', 'addr', 'stride'],
    },
    say: (args: FieldPlace & { readonly guess?: string; readonly known: readonly string[] }) => ({
      what: `${at(args)}: ${of(args.op)} has no field ${show(args.field)}`,
      fix: meant(args.guess, `its fields are ${oneOf(args.known, 'and')}`),
    }),
  }),
  FL2010: entry({
    title: 'a field is missing',
    about: 'An operation (or the header) lacks a field that it must have.',
    example: { file: 'a.jsonl', line: 4, op: 'munmap', field: 'length', expected: 'a number of bytes' },
    say: (args: FieldPlace & { readonly expected: string }) => ({
      what: `${at(args)}: ${of(args.op)} lacks "${args.field}"`,
      fix: `add "${args.field}": ${args.expected}`,
    }),
  }),
  FL2011: entry({
    title: 'the value of a field does not fit',
    about:
      'A field has the wrong type, is out of range, or is not one of the words that it may be. Names that every ' +
      'JavaScript object has, such as `__proto__` and `constructor`, are refused: results are keyed by name.',
    example: {
      file: 'a.jsonl',
      line: 4,
      op: 'mmap',
      field: 'length',
      arrived: '4K',
      expected: 'a number of bytes',
      hint: 'write "4KiB"',
    },
    say: (args: FieldPlace & { readonly arrived: unknown; readonly expected: string; readonly hint?: string }) => ({
      what: `${at(args)}: "${args.field}" of ${of(args.op)} is ${show(args.arrived)}, expected ${args.expected}`,
      fix: args.hint ?? `make "${args.field}" ${args.expected}`,
    }),
  }),
  FL2012: entry({
    title: 'two fields do not go together',
    about: 'One field of an operation asks for another, or rules it out.',
    example: {
      file: 'a.jsonl',
      line: 4,
      op: 'touch',
      field: 'theta',
      problem: 'is absent, and the pattern is zipf',
      hint: 'add "theta": a number from 0 to 10',
    },
    say: (args: FieldPlace & { readonly problem: string; readonly hint: string }) => ({
      what: `${at(args)}: "${args.field}" of ${of(args.op)} ${args.problem}`,
      fix: args.hint,
    }),
  }),
  FL2013: entry({
    title: 'a name was not declared',
    about: 'A process, file or object is used before the line that makes it.',
    example: { file: 'a.jsonl', line: 4, op: 'write', field: 'proc', kind: 'process', name: 'p1', guess: 'p0' },
    say: (args: FieldPlace & { readonly kind: string; readonly name: string; readonly guess?: string }) => ({
      what: `${at(args)}: "${args.field}" of ${of(args.op)} names the ${args.kind} ${show(args.name)}, which no earlier line made`,
      fix: meant(args.guess, `make the ${args.kind} on an earlier line`),
    }),
  }),
  FL2014: entry({
    title: 'a process is dead',
    about: 'An operation names a process that exited on an earlier line.',
    example: { file: 'a.jsonl', line: 9, op: 'write', field: 'proc', name: 'p1', ended: 7 },
    say: (args: FieldPlace & { readonly name: string; readonly ended: number }) => ({
      what: `${at(args)}: "${args.field}" of ${of(args.op)} names the process ${show(args.name)}, which exited on line ${args.ended}`,
      fix: 'move the line before the exit, or name a live process',
    }),
  }),
  FL2015: entry({
    title: 'a name is taken',
    about:
      'A live process, a file, an object, or the label of a sample or a dump has this name already. The name of a ' +
      'process that has exited may be used again.',
    example: { file: 'a.jsonl', line: 9, op: 'fork', field: 'child', kind: 'process', name: 'p1', made: 3 },
    say: (args: FieldPlace & { readonly kind: string; readonly name: string; readonly made: number }) => ({
      what: `${at(args)}: "${args.field}" of ${of(args.op)} is ${show(args.name)}, the ${args.kind} made on line ${args.made}`,
      fix: 'choose another name',
    }),
  }),
  FL2016: entry({
    title: 'a trace cannot be written',
    about:
      'The host refused to create, to fill or to rename the file. The text is first written beside its place under ' +
      'another name, so that no half-written trace remains.',
    example: { file: 'out/a.jsonl.gz', reason: 'the disk is full (ENOSPC)' },
    say: ({ file, reason }: { readonly file: string; readonly reason: string }) => ({
      what: `${plain(file)} cannot be written: ${reason}`,
      fix: 'name a file in a directory that exists, that you may write to, and that has room',
    }),
  }),
  FL2017: entry({
    title: 'a process waits',
    about: 'The parent of a vfork does nothing, and is not named, until its child exits or executes another program.',
    example: { file: 'a.jsonl', line: 9, op: 'write', field: 'proc', name: 'p0', child: 'p1', since: 7 },
    say: (args: FieldPlace & { readonly name: string; readonly child: string; readonly since: number }) => ({
      what:
        `${at(args)}: "${args.field}" of ${of(args.op)} names the process ${show(args.name)}, ` +
        `which waits for its vfork child ${show(args.child)} since line ${args.since}`,
      fix: 'let the child exit or exec first',
    }),
  }),
  FL2018: entry({
    title: 'a log cannot be imported',
    about: 'A log of system calls holds none that could be read, or is too large, or cannot be opened.',
    example: { file: 'app.strace', line: 12, problem: 'no call that strace would write' },
    say: ({ file, line, problem }: { readonly file: string; readonly line: number; readonly problem: string }) => ({
      what: `${plain(file)}:${line}: ${plain(problem)}`,
      fix: 'record it with strace -f -y -o FILE or perf trace -o FILE, and name the format that it has',
    }),
  }),
} as const;
