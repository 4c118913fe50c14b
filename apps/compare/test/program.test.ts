/** The built program in a process of its own: what can only be seen from outside. */
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { APP, finished, PUBLISHED, SMALL, scratch, shell } from './support/cli.js';

const withSmall = (): string => {
  const dir = scratch();
  writeFileSync(join(dir, 'small.jsonl'), SMALL);
  return dir;
};

const ran = (line: string, dir: string) => finished(shell(line, dir));

describe('what it prints, and with which status', () => {
  test('--help is quick and needs nothing; --version is that of the package', async () => {
    const dir = scratch();
    const help = await ran('$FORKLAB --help', dir);
    expect([help.status, help.err]).toEqual([0, '']);
    expect(help.out).toContain('forklab compare');
    const { version } = JSON.parse(readFileSync(join(APP, 'package.json'), 'utf8'));
    expect((await ran('$FORKLAB --version', dir)).out).toBe(`${version}\n`);
  });

  test('an unknown command and an unknown option: the nearest is offered, status 2', async () => {
    const dir = scratch();
    const command = await ran('$FORKLAB comprae', dir);
    expect([command.status, command.out]).toEqual([2, '']);
    expect(command.err).toMatch(/FL1001.*write compare if/);
    const option = await ran('$FORKLAB compare --stratgy classic', dir);
    expect([option.status, option.out]).toEqual([2, '']);
    expect(option.err).toMatch(/FL1002.*write --strategy if/);
  });

  test('--json - prints one document and nothing else; run prints one a trace, in order', async () => {
    const dir = withSmall();
    const compare = await ran('$FORKLAB compare small.jsonl --no-report --json - --strategy classic', dir);
    expect([compare.status, compare.err]).toEqual([0, '']);
    expect(JSON.parse(compare.out).forklab).toBe('comparison');
    const run = await ran('$FORKLAB run small.jsonl small.jsonl --strategy cow-pte --json --check', dir);
    expect(run.status).toBe(0);
    const documents = run.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ trace, strategy, violations }) => [trace, strategy, violations])).toEqual([
      ['small', 'cow-pte', []],
      ['small', 'cow-pte', []],
    ]);
  });

  test('the same call gives the same bytes, in every file', async () => {
    const dir = withSmall();
    writeFileSync(join(dir, 'forklab.config.json'), '{"report":{"formats":["json","csv","markdown"]}}');
    await ran('$FORKLAB compare small.jsonl', dir);
    const first = readdirSync(join(dir, 'report')).map((name) => readFileSync(join(dir, 'report', name), 'utf8'));
    await ran('$FORKLAB compare small.jsonl', dir);
    const second = readdirSync(join(dir, 'report')).map((name) => readFileSync(join(dir, 'report', name), 'utf8'));
    expect(first).toHaveLength(3);
    expect(second).toEqual(first);
  });

  test('NO_COLOR wins over FORCE_COLOR, and a pipe has no colours', async () => {
    const call = '$FORKLAB compare small.jsonl --no-report --strategies classic,cow-pte';
    const dir = withSmall();
    expect((await ran(call, dir)).out).not.toContain('\u001b');
    expect((await ran(`FORCE_COLOR=1 ${call}`, dir)).out).toContain('\u001b[');
    expect((await ran(`FORCE_COLOR=1 NO_COLOR=1 ${call}`, dir)).out).not.toContain('\u001b');
  });

  test('invariants that a strategy breaks: status 1, and the report says which', async () => {
    const dir = withSmall();
    const strategy = `
      const hooks = (k) => ({
        copyPteRange(_fork, pair) { k.shareTable(pair, 'fork'); return 'shared'; },
        fault: () => 'continue', zap: () => 'continue', touch: () => 'private',
      });
      export const strategy = () => ({ api: 1, name: 'broken', models: { title: 't', where: 'w' }, setup: hooks,
        traits: { shares: 'pte-tables', charges: 'owner', shootdown: 'own', hosts: [], keepsPins: true, unmodelled: [] } });`;
    writeFileSync(join(dir, 'broken.mjs'), strategy);
    const { status, out } = await ran(
      '$FORKLAB compare small.jsonl --strategy ./broken.mjs --check --no-report --json -',
      dir,
    );
    expect(status).toBe(1);
    const [column] = JSON.parse(out).inputs[0].strategies;
    expect(column.rows.violations).toBeGreaterThan(0);
    expect(column.violations[0].invariant).not.toBe('');
    expect((await ran('$FORKLAB run small.jsonl --strategy ./broken.mjs --check', dir)).status).toBe(1);
  });
});

/** `script` gives a program a terminal. */
const noScript = !['/usr/bin/script', '/bin/script'].some((path) => existsSync(path));

test.skipIf(noScript)('progress: on a terminal, and nowhere else', async () => {
  const dir = withSmall();
  const call = '$FORKLAB compare small.jsonl --no-report --strategies classic,cow-pte';
  const piped = await ran(call, dir);
  expect([piped.err, piped.out.includes('break-even')]).toEqual(['', false]);
  const shown = await ran(`script -qec "stty cols 100 rows 40; ${call}" /dev/null`, dir);
  expect(shown.status).toBe(0);
  expect(shown.out).toContain('small, cow-pte');
  expect(shown.out).toContain('small, break-even');
  expect(shown.out).toContain('A fork is cheapest under cow-pte');
});

describe('a reader that goes, and a user who has had enough', () => {
  test('head closes the pipe: no stack trace, the status of SIGPIPE', async () => {
    const dir = withSmall();
    const many = Array.from({ length: 200 }, () => 'small.jsonl').join(' ');
    const { out, err } = await ran(`$FORKLAB run ${many} --json | head -c 10; echo " \${PIPESTATUS[0]}"`, dir);
    expect(err).toBe('');
    expect(out).toBe('{"trace":" 141\n');
  });

  test('Ctrl-C: status 130, and neither a report nor a trace of one', async () => {
    const dir = scratch();
    writeFileSync(join(dir, 'forklab.config.json'), '{"report":{"formats":["json"]}}');
    const child = shell(`exec $FORKLAB compare ${PUBLISHED}`, dir);
    const end = finished(child);
    await setTimeout(1500);
    child.kill('SIGINT');
    const { status, out, err } = await end;
    expect([status, out]).toEqual([130, '']);
    expect(err).toContain('nothing was written');
    expect(readdirSync(dir)).toEqual(['forklab.config.json']);
  });
});

describe('bad input', () => {
  const refused = async (name: string, content: string | Buffer, code: string) => {
    const dir = scratch();
    writeFileSync(join(dir, name), content);
    for (const call of [`run ${name} --json`, `compare ${name} --report out`]) {
      const { status, out, err } = await ran(`$FORKLAB ${call}`, dir);
      expect([status, out], call).toEqual([2, '']);
      expect(err, call).toMatch(new RegExp(`^forklab: ${code}: ${name.replace('.', '\\.')}.*To fix: .*\\n$`));
    }
    expect(readdirSync(dir)).toEqual([name]);
  };

  test('a truncated gzip', async () => {
    await refused('cut.jsonl.gz', gzipSync(SMALL).subarray(0, 90), 'FL2002');
  });

  test('__proto__ as the name of a process', async () => {
    await refused('proto.jsonl', SMALL.replaceAll('"p"', '"__proto__"'), 'FL2011');
  });

  test('numbers beyond 2^53, unknown operations', async () => {
    await refused('large.jsonl', SMALL.replace('8192', '9007199254740993'), 'FL2011');
    await refused('unknown.jsonl', SMALL.replace('"op":"fork"', '"op":"frok"'), 'FL2008');
  });

  test('a line of 100 MB is refused while memory stays small', async () => {
    const dir = scratch();
    const file = createWriteStream(join(dir, 'long.jsonl'));
    for (let i = 0; i < 100; i++) file.write('x'.repeat(1_000_000));
    await new Promise<void>((resolve) => file.end(resolve));
    const limited = '$FORKLAB run long.jsonl';
    const { status, err } = await ran(`NODE_OPTIONS=--max-old-space-size=64 ${limited}`, dir);
    expect([status, err]).toEqual([2, expect.stringContaining('FL2004: long.jsonl:1')]);
  });

  test('a configuration that throws, and one that is not there', async () => {
    const dir = withSmall();
    writeFileSync(join(dir, 'forklab.config.ts'), "throw new Error('not today');");
    const thrown = await ran('$FORKLAB compare small.jsonl', dir);
    expect([thrown.status, thrown.out]).toEqual([2, '']);
    expect(thrown.err).toMatch(/FL1006.*not today \(at forklab\.config\.ts:1:/);
    expect((await ran('$FORKLAB compare small.jsonl --config no.ts', dir)).err).toContain('FL1005');
  });

  test('a folder without traces, the same file twice, a file that is not there', async () => {
    const dir = withSmall();
    mkdirSync(join(dir, 'empty'));
    expect((await ran('$FORKLAB compare empty', dir)).err).toContain('FL1010');
    expect((await ran('$FORKLAB compare small.jsonl ./small.jsonl', dir)).err).toContain('FL1010');
    const gone = await ran('$FORKLAB compare gone.jsonl', dir);
    expect([gone.status, gone.err]).toEqual([2, expect.stringContaining('FL2001: gone.jsonl')]);
  });

  test.skipIf(!existsSync('/proc/self/maps'))('a process that is not there', async () => {
    const dir = scratch();
    const { status, err } = await ran('$FORKLAB capture --pid 4194303 --out t.jsonl', dir);
    expect([status, err]).toEqual([2, expect.stringMatching(/FL41\d\d/)]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

test('a strategy in TypeScript outside the repository, with values of core, and a configuration with defineConfig', async () => {
  const dir = withSmall();
  writeFileSync(
    join(dir, 'mine.ts'),
    `import { type ForkStrategy, type Kernel, PAGE_SIZE, type StrategyPlugin } from '@forklab/core';
     const hooks = (k: Kernel): ForkStrategy => ({
       copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
       fault: () => 'continue', zap: () => 'continue', touch: () => 'private',
     });
     export const strategy = (): StrategyPlugin => ({
       api: 1, name: 'mine', models: { title: 'mine', where: String(PAGE_SIZE) }, setup: hooks,
       traits: { shares: 'nothing', charges: 'owner', shootdown: 'own', hosts: [], keepsPins: true, unmodelled: [] },
     });`,
  );
  writeFileSync(
    join(dir, 'forklab.config.ts'),
    `import { defineConfig } from '@forklab/compare';
     export default defineConfig({ strategies: ['classic', './mine.ts'], workloads: ['small.jsonl'], report: false });`,
  );
  symlinkSync(dir, join(dir, 'below'));
  const { status, out, err } = await ran('$FORKLAB compare --json -', join(dir, 'below'));
  expect([status, err]).toEqual([0, '']);
  const names = JSON.parse(out).inputs[0].strategies.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['classic', 'mine']);
});
