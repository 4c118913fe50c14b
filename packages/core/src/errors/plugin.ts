/** FL3xxx: what can be wrong with a strategy that somebody else wrote. */

import { plain, show } from '../words.js';
import { entry } from './entry.js';

export const PLUGIN_ERRORS = {
  FL3001: entry({
    title: 'a strategy cannot be loaded',
    about: 'The package or file was found, and importing it failed.',
    example: { from: './my-strategy.ts', reason: 'Unexpected token' },
    say: ({ from, reason }: { readonly from: string; readonly reason: string }) => ({
      what: `the strategy ${plain(from)} cannot be loaded: ${plain(reason)}`,
      fix: 'mend the file, or install what it imports, so that Node can import it',
    }),
  }),
  FL3002: entry({
    title: 'a module exports no strategy',
    about: 'A strategy module has a named export `strategy`, a function of the options that answers a StrategyPlugin.',
    example: { from: './my-strategy.ts', exports: ['helper'] },
    say: ({ from, exports }: { readonly from: string; readonly exports: readonly string[] }) => ({
      what: `${plain(from)} has no export "strategy" (it exports ${exports.map((e) => plain(e, 40)).join(', ') || 'nothing'})`,
      fix: 'export const strategy = (options) => ({ api: 1, name, models, traits, setup })',
    }),
  }),
  FL3003: entry({
    title: 'a strategy is written for another version of the border',
    about: 'The field `api` of a plugin is not the version that this release speaks.',
    example: { from: './my-strategy.ts', arrived: 2 },
    say: ({ from, arrived }: { readonly from: string; readonly arrived: unknown }) => ({
      what: `the strategy ${plain(from)} has api ${show(arrived)}, expected 1`,
      fix: 'use a release of the strategy that fits this release of forklab',
    }),
  }),
  FL3004: entry({
    title: 'a strategy does not have the shape of one',
    about: 'A field of a plugin is missing or has the wrong type.',
    example: {
      from: './my-strategy.ts',
      field: 'traits.shares',
      arrived: 'all',
      expected: '"nothing" or "pte-tables"',
    },
    say: (args: {
      readonly from: string;
      readonly field: string;
      readonly arrived: unknown;
      readonly expected: string;
      readonly hint?: string | undefined;
    }) => ({
      what: `the strategy ${plain(args.from)}: ${plain(args.field)} is ${show(args.arrived)}, expected ${args.expected}`,
      fix: args.hint ?? `make ${plain(args.field)} ${args.expected}`,
    }),
  }),
  FL3005: entry({
    title: 'a strategy refuses its options',
    about: 'The factory of a strategy threw when it was called with the options given.',
    example: { name: 'cow-pte', options: '{"variant":"v9"}', reason: 'unknown variant' },
    say: (args: { readonly name: string; readonly options: string; readonly reason: string }) => ({
      what: `the strategy ${plain(args.name)} refuses the options ${plain(args.options)}: ${plain(args.reason)}`,
      fix: 'write options that its README lists, for example NAME:key=value,key=value',
    }),
  }),
} as const;
