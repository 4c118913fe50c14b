import { describe, expect, it } from 'vitest';
import { examineHost, fittingRelease } from '../src/host/examine-host.js';

describe('fittingRelease', () => {
  it.each([
    ['6.18.44-fc', '6.18', true],
    ['7.0.1', '6.18', true],
    ['6.17.0', '6.18', true],
    ['6.14.2', '6.1', false],
    ['6.12.9', '6.1', true],
    ['5.15.0-91-generic', '6.1', true],
  ])('of %s is %s', (kernel, fits, exactly) => {
    expect(fittingRelease(kernel)).toEqual({ fits, exactly });
  });
});

describe('examineHost', () => {
  it('reads what this kernel says of itself', () => {
    const host = examineHost();
    expect(host).toMatchObject(fittingRelease(host.kernel));
    expect(host.memoryBytes).toBeGreaterThan(2 ** 26);
    expect([0, 1, 2]).toContain(host.overcommit);
    expect([null, 'always', 'madvise', 'never']).toContain(host.thp);
  });
});
