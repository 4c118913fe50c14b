import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isForklabError } from '@forklab/core';
import { describe, expect, test } from 'vitest';
import { writeFileWhole, writeReport } from '../src/output.js';
import { finished, SMALL, scratch, shell } from './support/cli.js';

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (isForklabError(error)) return error.code;
    throw error;
  }
  return 'no error';
};

describe('writeReport', () => {
  test('makes the folders, replaces its own files, keeps what else is there', () => {
    const dir = join(scratch(), 'a/b');
    writeReport(dir, [{ name: 'x.md', text: 'one' }]);
    writeFileSync(join(dir, 'mine.txt'), 'mine');
    writeReport(dir, [{ name: 'x.md', text: 'two' }]);
    expect(readFileSync(join(dir, 'x.md'), 'utf8')).toBe('two');
    expect(readdirSync(dir).sort()).toEqual(['mine.txt', 'x.md']);
    expect(readdirSync(join(dir, '..'))).toEqual(['b']);
  });

  test('a file stands where the folder should be', async () => {
    const dir = scratch();
    writeFileSync(join(dir, 'report'), 'a file');
    expect(await codeOf(() => writeReport(join(dir, 'report'), [{ name: 'x', text: 'y' }]))).toBe('FL5001');
    expect(await codeOf(() => writeReport(join(dir, 'report/deep'), [{ name: 'x', text: 'y' }]))).toBe('FL5001');
    expect(readdirSync(dir)).toEqual(['report']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written to (root may write anywhere)', async () => {
    const dir = scratch();
    chmodSync(dir, 0o500);
    expect(await codeOf(() => writeReport(join(dir, 'report'), [{ name: 'x', text: 'y' }]))).toBe('FL5001');
    chmodSync(dir, 0o700);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('one file: whole or not at all', async () => {
  const dir = scratch();
  mkdirSync(join(dir, 'folder'));
  expect(await codeOf(() => writeFileWhole(join(dir, 'folder'), 'x'))).toBe('FL5004');
  expect(await codeOf(() => writeFileWhole(join(dir, 'none/x.json'), 'x'))).toBe('FL5004');
  await writeFileWhole(join(dir, 'x.json'), '{}');
  expect(readFileSync(join(dir, 'x.json'), 'utf8')).toBe('{}');
});

describe('a full disk', () => {
  const CONFIG = "export default { report: { formats: ['json', 'csv', 'markdown'] } };";
  const folder = (): string => {
    const dir = scratch();
    writeFileSync(join(dir, 'small.jsonl'), SMALL);
    writeFileSync(join(dir, 'forklab.config.mjs'), CONFIG);
    return dir;
  };

  test('the report does not fit: nothing of it is left, and the one from before is untouched', async () => {
    const dir = folder();
    const before = await finished(shell('$FORKLAB compare small.jsonl --strategies classic', dir));
    expect([before.status, before.err]).toEqual([0, '']);
    const old = readFileSync(join(dir, 'report/comparison.json'), 'utf8');
    // A limit on the size of files stands in for the disk: no rights are needed for it, and it ends a write alike.
    const { status, err } = await finished(shell('ulimit -f 8; exec $FORKLAB compare small.jsonl', dir));
    expect(status).toBe(2);
    expect(err).toContain('FL5001');
    expect(readFileSync(join(dir, 'report/comparison.json'), 'utf8')).toBe(old);
    expect(readdirSync(dir).sort()).toEqual(['forklab.config.mjs', 'report', 'small.jsonl']);
  });

  test.skipIf(!existsSync('/dev/full'))('standard output, and a file of --json, on /dev/full', async () => {
    const dir = folder();
    const piped = await finished(shell('$FORKLAB compare small.jsonl --no-report --json - > /dev/full', dir));
    expect([piped.status, piped.err]).toEqual([2, expect.stringMatching(/FL5004: standard output .* \(ENOSPC\)/)]);
    const named = await finished(shell('$FORKLAB compare small.jsonl --no-report --json /dev/full', dir));
    expect([named.status, named.err]).toEqual([2, expect.stringMatching(/FL5004: \/dev\/full .* \(ENOSPC\)/)]);
  });
});
