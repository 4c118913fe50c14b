/** However a runner ends, it undoes what it set up for everybody: it is never ended by a signal that it could have heard. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { compileNative } from '../src/compile.js';
import { encodeTrace } from '../src/encode-trace.js';
import { ANSWER, answerDecoder } from '../src/wire.js';
import { B, map, noLiveKernel, traceOf, write } from './live-kernel.js';

const reason = await noLiveKernel();

/** A runner in the middle of a trace, with swap where it can have that, which waits for more. */
const inTheMiddle = async () => {
  const child = spawn(await compileNative('runner'), [await compileNative('subject')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {});
  const decode = answerDecoder();
  const swap = await new Promise<boolean>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const ready = decode(chunk).find(({ kind }) => kind === ANSWER.ready);
      if (ready) resolve(ready.values[1] === 1);
    });
  });
  const trace = traceOf(map(B, 64), write('p', B, 64), {
    op: 'madvise',
    proc: 'p',
    addr: B,
    length: 4096,
    advice: 'pageout',
  });
  const parts = [...encodeTrace(trace, 60_000, swap).chunks];
  for (const part of parts.slice(0, -1)) child.stdin.write(part);
  return { child, ended, last: parts.at(-1)! };
};

it.skipIf(reason !== undefined)(
  `ends by itself when it is asked to${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const { child, ended } = await inTheMiddle();
    child.kill('SIGTERM');
    const [status, signal] = await ended;
    expect([typeof status, signal]).toEqual(['number', null]);
  },
);

it.skipIf(reason !== undefined)('ends by itself when nobody reads its answers', async () => {
  const { child, ended, last } = await inTheMiddle();
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end(last);
  const [status, signal] = await ended;
  expect([typeof status, signal]).toEqual(['number', null]);
});
