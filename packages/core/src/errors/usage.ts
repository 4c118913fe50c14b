/** FL1xxx: what can be wrong with a command line or a configuration. */

import { oneOf, plain, show } from '../words.js';
import { entry } from './entry.js';

const meant = (guess: string | undefined, otherwise: string): string =>
  guess === undefined ? otherwise : `write ${plain(guess)} if that is what was meant; ${otherwise}`;

export const USAGE_ERRORS = {
  FL1001: entry({
    title: 'a command is unknown',
    about: 'The first word after `forklab` names no command.',
    example: { arrived: 'comprae', guess: 'compare', known: ['compare', 'run'] },
    say: (args: {
      readonly arrived: string;
      readonly guess?: string | undefined;
      readonly known: readonly string[];
    }) => ({
      what: `there is no command ${show(args.arrived)}`,
      fix: meant(args.guess, `the commands are ${oneOf(args.known, 'and')}`),
    }),
  }),
  FL1002: entry({
    title: 'an option is unknown',
    about: 'A command was given an option that it does not have. It is refused, since a misspelt one would do nothing.',
    example: { command: 'compare', arrived: '--stratgy', guess: '--strategy', known: ['--strategy', '--report'] },
    say: (args: {
      readonly command: string;
      readonly arrived: string;
      readonly guess?: string | undefined;
      readonly known: readonly string[];
    }) => ({
      what: `forklab ${args.command} has no option ${show(args.arrived)}`,
      fix: meant(args.guess, `its options are ${oneOf(args.known, 'and')}`),
    }),
  }),
  FL1003: entry({
    title: 'the value of an option does not fit',
    about: 'An option lacks its value, was given one that it does not take, or the value is out of range.',
    example: { option: '--seed', arrived: 'x', expected: 'a whole number from 0 to 4294967295' },
    say: (args: { readonly option: string; readonly arrived: unknown; readonly expected: string }) => ({
      what: `${plain(args.option)} is ${show(args.arrived)}, expected ${args.expected}`,
      fix: `give ${plain(args.option)} ${args.expected}`,
    }),
  }),
  FL1004: entry({
    title: 'an argument is missing, or one too many',
    about: 'A command was called with fewer arguments than it needs, with more than it takes, or with a contradiction.',
    example: { command: 'run', problem: 'no trace was named', usage: 'forklab run TRACE… --strategy NAME' },
    say: (args: { readonly command: string; readonly problem: string; readonly usage: string }) => ({
      what: `forklab ${args.command}: ${plain(args.problem)}`,
      fix: `write ${args.usage}`,
    }),
  }),
  FL1005: entry({
    title: 'a configuration cannot be read',
    about: 'The file that `--config` names does not exist, or the host refused to open it.',
    example: { file: 'forklab.config.ts', reason: 'no such file or directory (ENOENT)' },
    say: ({ file, reason }: { readonly file: string; readonly reason: string }) => ({
      what: `the configuration ${plain(file)} cannot be read: ${plain(reason)}`,
      fix: 'name a forklab.config.ts, .js or .json that exists, or leave --config out',
    }),
  }),
  FL1006: entry({
    title: 'a configuration throws',
    about: 'The file was found, and running it failed: a syntax error, a failing import, or its own exception.',
    example: { file: 'forklab.config.ts', reason: 'x is not defined', at: 'forklab.config.ts:3:9' },
    say: (args: { readonly file: string; readonly reason: string; readonly at?: string | undefined }) => ({
      what: `the configuration ${plain(args.file)} threw: ${plain(args.reason)}${args.at ? ` (at ${plain(args.at)})` : ''}`,
      fix: 'mend the file so that it can be imported; its default export is the object given to defineConfig()',
    }),
  }),
  FL1007: entry({
    title: 'a configuration does not fit',
    about: 'A field of the configuration is unknown, or its value has the wrong type or is out of range.',
    example: {
      file: 'forklab.config.ts',
      field: 'machine.kernel',
      arrived: '5.4',
      expected: '"6.18" or "6.1"',
      hint: 'write kernel: "6.18"',
    },
    say: (args: {
      readonly file: string;
      readonly field: string;
      readonly arrived: unknown;
      readonly expected: string;
      readonly hint?: string | undefined;
    }) => ({
      what: `${plain(args.file)}: ${plain(args.field)} is ${show(args.arrived)}, expected ${args.expected}`,
      fix: args.hint ?? `make ${plain(args.field)} ${args.expected}`,
    }),
  }),
  FL1008: entry({
    title: 'a strategy is unknown',
    about: 'A name is none of the built-in strategies, no package of that name can be found, and it is no path.',
    example: { arrived: 'cow-ptr', guess: 'cow-pte', known: ['classic', 'cow-pte'] },
    say: (args: {
      readonly arrived: string;
      readonly guess?: string | undefined;
      readonly known: readonly string[];
    }) => ({
      what: `there is no strategy ${show(args.arrived)}`,
      fix: meant(
        args.guess,
        `name one of ${oneOf(args.known)}, an installed package, or a file by a path that begins with ./ or /`,
      ),
    }),
  }),
  FL1009: entry({
    title: 'two columns are the same',
    about: 'The same strategy with the same options was named twice; its column would only stand there twice.',
    example: { name: 'cow-pte' },
    say: ({ name }: { readonly name: string }) => ({
      what: `the strategy ${show(name)} is named twice with the same options`,
      fix: 'leave one of them out, or give them different options',
    }),
  }),
  FL1010: entry({
    title: 'there is nothing to compare',
    about: 'A pattern or a folder among the inputs matches no trace, or two inputs are the same file.',
    example: { arrived: 'traces/*.jsonl', problem: 'matches no trace' },
    say: ({ arrived, problem }: { readonly arrived: string; readonly problem: string }) => ({
      what: `the input ${show(arrived)} ${plain(problem)}`,
      fix: 'name traces (.jsonl or .jsonl.gz), folders of traces, or neither, which takes those that come with forklab',
    }),
  }),
  FL1011: entry({
    title: 'a price list is unknown',
    about: 'A name is none of the price lists that forklab ships.',
    example: { arrived: 'xeon', guess: undefined, known: ['measured'] },
    say: (args: {
      readonly arrived: string;
      readonly guess?: string | undefined;
      readonly known: readonly string[];
    }) => ({
      what: `there is no price list ${show(args.arrived)}`,
      fix: meant(args.guess, `the price lists are ${oneOf(args.known, 'and')}`),
    }),
  }),
  FL1012: entry({
    title: 'a result cannot be compared',
    about: '`forklab diff` was given a file that is no result of `forklab run --json`.',
    example: { file: 'a.json', problem: 'it holds no field "steps"' },
    say: ({ file, problem }: { readonly file: string; readonly problem: string }) => ({
      what: `${plain(file)} is no result of forklab run: ${plain(problem)}`,
      fix: 'make it with forklab run TRACE --strategy NAME --json > FILE',
    }),
  }),
  FL1013: entry({
    title: 'a workload is unknown',
    about: 'A name is none of the workloads that forklab can generate.',
    example: { arrived: 'redis', guess: 'redis-snapshot', known: ['redis-snapshot', 'zygote'] },
    say: (args: {
      readonly arrived: string;
      readonly guess?: string | undefined;
      readonly known: readonly string[];
    }) => ({
      what: `there is no workload ${show(args.arrived)}`,
      fix: meant(args.guess, `the workloads are ${oneOf(args.known, 'and')}`),
    }),
  }),
  FL1014: entry({
    title: 'a parameter of a workload does not fit',
    about: 'A workload has no parameter of that name, or its value is out of range.',
    example: { workload: 'redis-snapshot', parameter: 'mib', arrived: 0, expected: 'a whole number from 2 to 1048576' },
    say: (args: {
      readonly workload: string;
      readonly parameter: string;
      readonly arrived: unknown;
      readonly expected: string;
    }) => ({
      what: `${plain(args.workload)}: ${show(args.parameter)} is ${show(args.arrived)}, expected ${args.expected}`,
      fix: `write it as ${plain(args.workload)}:KEY=VALUE,KEY=VALUE, with ${args.expected}`,
    }),
  }),
  FL1015: entry({
    title: 'a published experiment is unknown',
    about: 'A name is none of the experiments that `forklab reproduce` knows.',
    example: { arrived: 'memifo', guess: 'meminfo', known: ['meminfo', 'vmpte'] },
    say: (args: {
      readonly arrived: string;
      readonly guess?: string | undefined;
      readonly known: readonly string[];
    }) => ({
      what: `there is no experiment ${show(args.arrived)}`,
      fix: meant(args.guess, `the experiments are ${oneOf(args.known, 'and')}`),
    }),
  }),
  FL1016: entry({
    title: 'a price list cannot be used',
    about: 'A file named as a price list cannot be read, or it lacks a price, or holds one that does not fit.',
    example: { file: 'here.json', problem: 'prices.forks: it is missing' },
    say: ({ file, problem }: { readonly file: string; readonly problem: string }) => ({
      what: `${plain(file)} is no price list: ${plain(problem)}`,
      fix: 'write it with forklab calibrate --out FILE, by this release of forklab',
    }),
  }),
  FL1017: entry({
    title: 'a log of arrivals cannot be used',
    about:
      'The file that `--arrivals` names cannot be read, or a line of it does not begin with a time, or times go back.',
    example: { file: 'access.log', line: 7, problem: 'it is earlier than the line before' },
    say: ({ file, line, problem }: { readonly file: string; readonly line: number; readonly problem: string }) => ({
      what: `${plain(file)}:${line}: ${plain(problem)}`,
      fix: 'write a line for each request, in order, with its time in seconds first',
    }),
  }),
} as const;
