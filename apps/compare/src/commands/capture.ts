/** `forklab capture`: a live process becomes a trace. */
import { resolve } from 'node:path';
import { ForklabError, writeTrace } from '@forklab/core';
import type { Captured, CaptureStage } from '@forklab/linux';
import { type Args, wholeNumber } from '../args.js';
import { type Io, stopIfAsked } from '../io.js';
import type { Command } from './command.js';

const PID_MAX = 2 ** 22;

const STAGES: Readonly<Record<CaptureStage, string>> = {
  mappings: 'reading its mappings',
  pages: 'reading which pages are present',
  waiting: 'waiting for it to fork, then for the child to end',
  writing: 'making the trace',
};

const seconds = (option: string, text: string): number => {
  const n = Number(text);
  if (text.trim() !== '' && n >= 0) return n;
  throw new ForklabError('FL1003', { option, arrived: text, expected: 'a number of seconds' });
};

const optionsOf = (args: Args, io: Io) => {
  const watch = args.one('watch');
  const interval = args.one('interval');
  const trigger = args.one('trigger');
  const name = args.one('name');
  return {
    signal: io.signal,
    ...(name === undefined ? {} : { name }),
    ...(watch === undefined ? {} : { watch: seconds('--watch', watch) }),
    ...(interval === undefined ? {} : { intervalMs: wholeNumber('--interval', interval, 1, 60_000) }),
    ...(trigger === undefined ? {} : { trigger: ['/bin/sh', '-c', trigger] }),
    onProgress: (stage: CaptureStage): void => {
      if (io.errTty) io.err(`${STAGES[stage]} …\n`);
      stopIfAsked(io);
    },
  };
};

const report = ({ summary }: Captured, out: string): string => {
  const { watched, rssKb, anonymousKb } = summary;
  const lines = [
    `${out}: ${summary.operations} operations, ${summary.mappings} mappings, ${summary.files} files`,
    `  resident: smaps says ${rssKb.smaps} kB, the trace ${rssKb.counted} kB; anonymous ${anonymousKb.smaps} and ${anonymousKb.counted} kB`,
  ];
  const left = Object.entries(summary.leftOut).map(([why, count]) => `${why} ${count}`);
  if (left.length > 0) lines.push(`  left out: ${left.join(', ')}`);
  if (watched) lines.push(`  watched: ${watched.looks} looks in ${watched.seconds} s; the child ${watched.childEnd}`);
  if (summary.assumption) lines.push(`  assumed: ${summary.assumption}`);
  lines.push(`  taken: ${summary.taken}`);
  return `${lines.join('\n')}\n`;
};

const usage = 'forklab capture (--pid PID | -- COMMAND…) --out FILE';

export const command: Command = {
  name: 'capture',
  about: 'Reads the memory layout of a live process, not its contents, and writes it as a trace with a fork in it.',
  more:
    'Taken are mappings, and which pages are present, swapped, zero or private; no contents, no paths, no arguments, no PID. ' +
    'With --watch the trace goes on with what parent and child really write after the next fork; without, with a stated ' +
    'assumption. Needs Linux and the right to trace the process; who wrote is seen only as root.',
  args: {
    pid: { type: 'string', valueHint: 'PID', description: 'the process; or give a command after --' },
    out: { type: 'string', valueHint: 'FILE', description: 'the trace, .jsonl or .jsonl.gz; default capture.jsonl.gz' },
    watch: {
      type: 'string',
      valueHint: 'SECONDS',
      description: 'wait this long for a fork, then for the child to end',
    },
    interval: { type: 'string', valueHint: 'MS', description: 'time between two looks while watching; default 100' },
    trigger: { type: 'string', valueHint: 'COMMAND', description: 'a shell command that makes the process fork' },
    settle: {
      type: 'string',
      valueHint: 'SECONDS',
      description: 'of a started command: capture once its size is steady for this long; default 2',
    },
    name: { type: 'string', valueHint: 'NAME', description: 'the name of the trace' },
  },
  examples: [
    {
      call: 'forklab capture --pid "$(pidof redis-server)" --watch 60 --trigger "redis-cli bgsave" --out redis.jsonl.gz',
      does: 'a Redis snapshot, with the pages that were copied while it ran',
    },
    {
      call: 'forklab capture -- node -e "setTimeout(()=>{}, 1e6)"',
      does: 'starts a program, captures it, and ends it',
    },
  ],
  async run(args, io) {
    const pid = args.one('pid');
    const argv = args.rest ?? [];
    if ((pid === undefined) === (argv.length === 0) || args.positionals.length > 0) {
      const problem =
        pid === undefined ? 'it needs --pid PID or a command after --' : 'it takes --pid or a command, not both';
      throw new ForklabError('FL1004', { command: 'capture', problem, usage });
    }
    const out = args.one('out') ?? 'capture.jsonl.gz';
    const options = optionsOf(args, io);
    const { capture, captureCommand } = await import('@forklab/linux');
    const settle = args.one('settle');
    const captured =
      pid === undefined
        ? await captureCommand(
            argv,
            settle === undefined ? options : { ...options, settle: seconds('--settle', settle) },
          )
        : await capture(wholeNumber('--pid', pid, 1, PID_MAX), options);
    await writeTrace(resolve(io.cwd, out), captured.trace);
    await io.out(report(captured, out));
    return 0;
  },
};
