/** `forklab check`, in this process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { APP, forklab, scratch } from './support/cli.js';

const WRONG = join(APP, '../../examples/strategy-hello/test/wrong-hello.ts');

interface Document {
  readonly forklab: string;
  readonly version: number;
  readonly strategies: readonly {
    readonly name: string;
    readonly findings: readonly Record<'id' | 'invariant' | 'title' | 'trace' | 'dump' | 'replay', string>[];
    readonly covered: { readonly traces: number; readonly sometimes: Record<string, number> };
  }[];
}

describe('a strategy that is right', () => {
  test('the four of them by default: no finding, every branch taken, status 0, nothing written', async () => {
    const dir = scratch();
    const { status, out, err } = await forklab(['check', '--runs', '40'], dir);
    expect([status, err]).toEqual([0, '']);
    for (const name of ['classic', 'cow-pte', 'ondemand-fork', 'mshare']) expect(out).toContain(`${name}: no finding`);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('the same call gives the same bytes', async () => {
    const dir = scratch();
    const call = ['check', '--strategy', 'cow-pte', '--runs', '20', '--seed', '7', '--json', '-'];
    expect((await forklab(call, dir)).out).toBe((await forklab(call, dir)).out);
  });
});

describe('a strategy that is wrong', () => {
  test('findings as text, JSON and JUnit; each replay command shows its finding again; status 1', async () => {
    const dir = scratch();
    const call = ['check', '--strategy', WRONG, '--runs', '300', '--json', 'f.json', '--junit', 'f.xml'];
    const { status, out } = await forklab(call, dir);
    expect(status).toBe(1);
    const document = JSON.parse(readFileSync(join(dir, 'f.json'), 'utf8')) as Document;
    expect([document.forklab, document.version]).toEqual(['findings', 1]);
    const [{ name, findings, covered }] = document.strategies as [Document['strategies'][0]];
    expect(name).toBe('wrong-hello');
    expect(covered.traces).toBeGreaterThan(300);
    expect(covered.sometimes['tablesShared: fork']).toBeGreaterThan(0);
    expect(findings.length).toBeGreaterThanOrEqual(3);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    const xml = readFileSync(join(dir, 'f.xml'), 'utf8');
    for (const { id, invariant, trace, dump, replay } of findings) {
      expect(out).toContain(id);
      expect(xml).toContain(invariant);
      expect(dump).toContain('refs');
      expect(trace.trimEnd().split('\n').length - 1).toBeLessThanOrEqual(12);
      const again = await forklab(replay.split(' ').slice(1), dir);
      expect([again.status, again.out]).toEqual([1, expect.stringContaining(invariant)]);
      expect(readFileSync(join(dir, replay.split(' ')[2]!), 'utf8')).toBe(trace);
    }
    expect(xml.match(/<failure/g)!.length).toBe(findings.length);
  });

  test('--json - prints the document alone', async () => {
    const dir = scratch();
    const { out } = await forklab(['check', '--strategy', WRONG, '--runs', '0', '--json', '-'], dir);
    expect(JSON.parse(out).forklab).toBe('findings');
    expect(existsSync(join(dir, 'findings'))).toBe(true);
  });
});

test('a number that is none, and a strategy that is not there: status 2', async () => {
  expect((await forklab(['check', '--runs', 'many'], scratch())).err).toMatch(/FL1003.*--runs/);
  expect((await forklab(['check', '--strategy', 'clasic'], scratch())).err).toMatch(/FL1008.*classic/);
});
