/** FL5xxx: what can go wrong while a report or another result is written. */

import { plain } from '../words.js';
import { entry } from './entry.js';

export const OUTPUT_ERRORS = {
  FL5001: entry({
    title: 'a report cannot be written',
    about:
      'The host refused to create, fill or rename a file of the report. All files are first written beside their place; ' +
      'what was there before is still there, and nothing of the new report is.',
    example: { path: 'report', reason: 'the disk is full (ENOSPC)' },
    say: ({ path, reason }: { readonly path: string; readonly reason: string }) => ({
      what: `the report ${plain(path)} cannot be written: ${plain(reason)}`,
      fix: 'free some room or name another folder with --report DIR; --no-report writes none',
    }),
  }),
  FL5002: entry({
    title: 'the page of the report is not built',
    about:
      'The HTML report is a page that the build makes once. It is missing, so the package was not built or not installed whole.',
    example: { path: 'dist/report.html' },
    say: ({ path }: { readonly path: string }) => ({
      what: `the template of the HTML report is missing: ${plain(path)}`,
      fix: 'run npm run build in the repository, install @forklab/compare again, or leave html out of report.formats',
    }),
  }),
  FL5003: entry({
    title: 'the template of the report does not fit',
    about: 'The page has no place for the data, or more than one.',
    example: { path: 'dist/report.html', found: 0 },
    say: ({ path, found }: { readonly path: string; readonly found: number }) => ({
      what: `${plain(path)} has ${found} elements with the id forklab-data, expected 1`,
      fix: 'build the package again: the page and the command must be of one release',
    }),
  }),
  FL5004: entry({
    title: 'output cannot be written',
    about: 'The host refused what was to go to standard output, or to the one file that an option names.',
    example: { path: 'result.json', reason: 'permission denied (EACCES)' },
    say: ({ path, reason }: { readonly path: string; readonly reason: string }) => ({
      what: `${plain(path)} cannot be written: ${plain(reason)}`,
      fix: 'name a file in a folder that exists, that you may write to, and that has room',
    }),
  }),
} as const;
