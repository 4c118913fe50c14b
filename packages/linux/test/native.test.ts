/** Building the native programs, and measuring with one of them. */

import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isForklabError } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileNative, findCompiler } from '../src/compile.js';
import { probeHost } from '../src/probe-host.js';

const isHost = process.platform === 'linux' && process.arch === 'x64';
const reason = !isHost ? 'not Linux on x86-64' : (await findCompiler()) ? undefined : 'no C compiler';

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: unknown) => (isForklabError(error) ? error.code : String(error)),
  );

describe.skipIf(reason !== undefined)(`native programs${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forklab-native-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('compiles once, into a folder that is closed to others', async () => {
    const cacheDir = join(folder, 'new', 'cache');
    const path = await compileNative('subject', { cacheDir });
    const { mtimeMs } = await stat(path);
    expect(await compileNative('subject', { cacheDir })).toBe(path);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    expect((await stat(cacheDir)).mode & 0o777).toBe(0o700);
  });

  it('may be started twice at once on an empty cache', async () => {
    const cacheDir = join(folder, 'race');
    const paths = await Promise.all([1, 2, 3].map(() => compileNative('subject', { cacheDir })));
    expect(new Set(paths).size).toBe(1);
  });

  it('refuses a folder that others may write to, and one that is a file', async () => {
    const open = join(folder, 'open');
    await compileNative('subject', { cacheDir: open });
    await chmod(open, 0o777);
    expect(await codeOf(compileNative('subject', { cacheDir: open }))).toBe('FL4004');
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await codeOf(compileNative('subject', { cacheDir: file }))).toBe('FL4004');
  });

  it('says when there is no compiler, and when it fails', async () => {
    const cacheDir = join(folder, 'cache');
    expect(await codeOf(compileNative('subject', { compiler: join(folder, 'no-cc'), cacheDir }))).toBe('FL4002');
    const broken = join(folder, 'broken-cc');
    await writeFile(broken, '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "it is broken" >&2\nexit 1\n', {
      mode: 0o700,
    });
    const error = await compileNative('subject', { compiler: broken, cacheDir }).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: 'FL4003', args: { output: 'it is broken\n' } });
  });

  it('measures what each operation costs', async () => {
    const costs = await probeHost({ mib: 16, touchedMib: 4, rounds: 4 });
    for (const [name, value] of Object.entries(costs))
      if (typeof value === 'number') expect(value, name).toBeGreaterThan(0);
    // Proportions are for people to judge: on a loaded machine any two live timings can stand the other way round.
    expect(costs).toMatchObject({ mib: 16, rounds: 4 });
    expect(costs.forkNsPerPage).toBeCloseTo((costs.forkNs - costs.emptyForkNs) / (16 * 256), 6);
  });
});
