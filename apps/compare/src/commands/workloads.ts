/** `forklab workloads`: what can be named in place of a trace, with every parameter and where its default comes from. */
import { resolve } from 'node:path';
import { ForklabError, writeTrace } from '@forklab/core';
import { findWorkload, type Parameter, WORKLOADS, type Workload } from '@forklab/workloads';
import { makeWorkload } from '../workload-spec.js';
import type { Command } from './command.js';

const rangeOf = (parameter: Parameter): string =>
  parameter.is === 'word'
    ? `${parameter.default} (${parameter.words.join(', ')})`
    : `${parameter.default} ${parameter.unit} (${parameter.min} to ${parameter.max})`;

const describe = ({ name, about, of, parameters, make }: Workload): string => {
  const lines = Object.entries(parameters).map(
    ([key, parameter]) =>
      `  ${key}: ${parameter.about}\n      ${rangeOf(parameter)}\n      ${parameter.standing}: ${parameter.source}`,
  );
  const serves = make().load === null ? '' : '\n  Serves requests, so a comparison shows their latency.';
  return `${name}: ${about}\n  Stands for ${of}.${serves}\n${lines.join('\n')}\n`;
};

const overview = (): string => {
  const width = Math.max(...WORKLOADS.map(({ name }) => name.length));
  return WORKLOADS.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('');
};

const usage = 'forklab workloads [NAME], or forklab workloads NAME:KEY=VALUE --out FILE';

export const command: Command = {
  name: 'workloads',
  about: 'Lists the workloads that can be named in place of a trace; with NAME, its parameters and their sources.',
  more:
    'A workload is written NAME, or NAME:KEY=VALUE,KEY=VALUE. What nobody has published is called an assumption, here and in ' +
    'every report. With --out its trace is written to a file.',
  args: {
    NAME: { type: 'positional', description: 'a workload' },
    out: { type: 'string', valueHint: 'FILE', description: 'write the trace of this workload, .jsonl or .jsonl.gz' },
  },
  examples: [
    { call: 'forklab workloads redis-snapshot', does: 'its parameters, their defaults, and who says so' },
    { call: 'forklab workloads zygote:apps=100 --out zygote.jsonl.gz', does: 'the trace of a hundred applications' },
  ],
  async run(args, io) {
    const [named] = args.positionals;
    const out = args.one('out');
    if (named === undefined) {
      if (out !== undefined)
        throw new ForklabError('FL1004', { command: 'workloads', problem: '--out needs a workload', usage });
      await io.out(overview());
    } else if (out === undefined) await io.out(describe(findWorkload(named.split(':', 1)[0]!)));
    else {
      const { trace } = makeWorkload(named);
      await writeTrace(resolve(io.cwd, out), trace);
      await io.out(`${out}: ${trace.ops.length} operations\n`);
    }
    return 0;
  },
};
