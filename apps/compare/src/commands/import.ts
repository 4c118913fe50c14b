/** `forklab import`: a log of system calls becomes a trace. */
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ForklabError, osReason, writeTrace } from '@forklab/core';
import { importLog, LOG_FORMATS, type LogFormat } from '@forklab/workloads';
import { oneWord } from '../args.js';
import { type Io, stopIfAsked } from '../io.js';
import type { Command } from './command.js';

const FORMATS = Object.keys(LOG_FORMATS) as readonly LogFormat[];

const shareOf = (text: string): number => {
  const share = Number(text);
  if (text.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new ForklabError('FL1003', { option: '--touch', arrived: text, expected: 'a number from 0 to 1' });
};

/** Lines of a file. What the host refuses becomes FL2018, at the line that was being read. */
async function* linesOf(path: string, named: string, io: Io): AsyncGenerator<string> {
  let line = 1;
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      stopIfAsked(io);
      yield text;
      line++;
    }
  } catch (error) {
    if (typeof Object(error).code !== 'string' || error instanceof ForklabError) throw error;
    throw new ForklabError('FL2018', { file: named, line, problem: osReason(error) });
  }
}

const usage = 'forklab import FORMAT FILE';

export const command: Command = {
  name: 'import',
  about: 'Makes a trace of a log of system calls: what processes mapped, and who forked whom.',
  more:
    'Read are mmap, munmap, mprotect, mremap, brk, madvise, fork, vfork, clone, execve, exit_group and the ends of processes; a clone ' +
    'that shares memory is a thread. A log does not say which pages are touched: --touch assumes it. What the kernel maps by itself ' +
    '(programs, stacks) is not in a log, nor are files told apart without strace -y. What does not fit is left out and counted.',
  args: {
    FORMAT: { type: 'positional', description: FORMATS.join(' or ') },
    FILE: { type: 'positional', description: 'the log' },
    touch: {
      type: 'string',
      valueHint: 'SHARE',
      description: 'share of each mapping that is touched when it is mapped, 0 to 1; default 1',
    },
    out: { type: 'string', valueHint: 'FILE', description: 'the trace, .jsonl or .jsonl.gz; default import.jsonl.gz' },
    name: { type: 'string', valueHint: 'NAME', description: 'the name of the trace; default that of the log' },
  },
  examples: [
    { call: 'forklab import strace app.strace --out app.jsonl.gz', does: 'a log of strace -f -y -o app.strace' },
    { call: 'forklab import perf-trace app.perf --touch 0.3', does: 'a log of perf trace, a third of memory touched' },
  ],
  async run(args, io) {
    const [format, file] = args.positionals;
    if (format === undefined || file === undefined) {
      throw new ForklabError('FL1004', { command: 'import', problem: 'it needs a format and a log', usage });
    }
    const out = args.one('out') ?? 'import.jsonl.gz';
    const options = { name: args.one('name') ?? basename(file), touch: shareOf(args.one('touch') ?? '1') };
    const lines = linesOf(resolve(io.cwd, file), file, io);
    const imported = await importLog(lines, oneWord<LogFormat>('FORMAT', format, FORMATS), options);
    await writeTrace(resolve(io.cwd, out), imported.trace);
    const left = Object.entries(imported.leftOut).map(([why, count]) => `${why} ${count}`);
    await io.out(
      `${out}: ${imported.trace.ops.length} operations from ${imported.lines} lines\n` +
        `${left.length > 0 ? `  left out: ${left.join(', ')}\n` : ''}` +
        `  assumed: ${imported.trace.header.source?.assumed}\n`,
    );
    return 0;
  },
};
