/** Reading the text of /proc: what Linux prints, and what it never should. */

import { readFileSync } from 'node:fs';
import { isForklabError } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { keep, keepAgain } from '../src/capture/keep.js';
import { parseMapping } from '../src/capture/maps.js';
import { isSwapEntry, parseKernelImage } from '../src/capture/pagemap.js';
import { parseFaults, parseStatus, safeName } from '../src/capture/proc.js';
import { smapsParser } from '../src/capture/smaps.js';
import { createRandom } from './capture-random.js';

const PLACE = { file: 'maps', line: 1 };
const line = (rest: string): string => `7f0000000000-7f0000002000 ${rest}`;

const smapsOf = (text: string) => {
  const { take, mappings } = smapsParser('smaps');
  for (const it of text.trimEnd().split('\n')) take(it);
  return mappings;
};

const SMAPS = `55f5f132d000-55f5f1331000 rw-p 00002000 fe:00 260386                     /usr/bin/a name [heap]
Size:                 16 kB
KernelPageSize:        4 kB
Rss:                  12 kB
Shared_Dirty:          4 kB
Private_Dirty:         8 kB
Anonymous:             8 kB
AnonHugePages:         0 kB
Swap:                  4 kB
ProtectionKey:         0
VmFlags: rd wr mr mw me ac sd
7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0                          [stack]
KernelPageSize:        4 kB
VmFlags: rd wr gd ac
7ffe000f0000-7ffe000f2000 r-xp 00000000 00:00 0                          [vdso]
VmFlags: rd ex de
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
VmFlags: ex
`;

describe('maps', () => {
  it('reads what Linux prints', () => {
    expect(parseMapping(line('rw-p 00002000 fe:00 260386                     /usr/lib/a b (deleted)'), PLACE)).toEqual({
      ...{ start: 0x7f0000000000, end: 0x7f0000002000, prot: 'rw-', shared: false, offset: 0x2000 },
      ...{ fileKey: 'fe:00 260386', path: '/usr/lib/a b (deleted)' },
    });
    expect(parseMapping(line('---s 00000000 00:00 0'), PLACE)).toMatchObject({ fileKey: null, path: '', shared: true });
    // An inode number beyond 2^53 stays exact, since it is only a key.
    expect(parseMapping(line('r--p 0 00:2f 18446744073709551615 x'), PLACE).fileKey).toBe('00:2f 18446744073709551615');
  });

  it('reads every line of this very process', () => {
    if (process.platform !== 'linux') return;
    const lines = readFileSync('/proc/self/maps', 'latin1').trimEnd().split('\n');
    for (const it of lines) expect(parseMapping(it, PLACE).end).toBeGreaterThan(0);
  });

  it.each([
    '',
    'zzz',
    line('rw-q 00000000 00:00 0'),
    line('rwwp 00000000 00:00 0'),
    line('rw-p 00000000 00:00'),
    line('rw-p 00000000 00:00 -1'),
    line('rw-p 0x000000 00:00 0'),
    '7f0000002000-7f0000000000 rw-p 00000000 00:00 0',
    '7f0000000000-7f0000000000 rw-p 00000000 00:00 0',
    '7f0000000001-7f0000002000 rw-p 00000000 00:00 0',
    '17f0000000000000000-27f0000000000000000 rw-p 00000000 00:00 0',
    `${'7'.repeat(100_000)}-7f0000002000 rw-p 00000000 00:00 0`,
  ])('refuses %j', (text) => {
    expect(() => parseMapping(text, PLACE)).toThrowError(expect.objectContaining({ code: 'FL4106' }));
  });

  it('answers or refuses, whatever is done to a line (seeds 1 to 3000)', () => {
    const good = line('rw-p 00002000 fe:00 260386                     /usr/lib/a');
    let read = 0;
    for (let seed = 1; seed <= 3000; seed++) {
      const random = createRandom(seed);
      const chars = [...good];
      for (let edits = 1 + random.below(3); edits > 0; edits--) {
        const with_ = random.pick([...'0123456789abcdef -:/rwxps', '\0', '\u00ff', '\n', 'ffffffffffffffffff', '']);
        chars.splice(random.below(chars.length), random.below(3), with_);
      }
      try {
        const it = parseMapping(chars.join(''), PLACE);
        expect(it.start).toBeLessThan(it.end);
        expect(it.prot).toMatch(/^[r-][w-][x-]$/);
        read++;
      } catch (error) {
        expect(isForklabError(error) && error.code, `seed ${seed}`).toBe('FL4106');
      }
    }
    expect(read).toBeGreaterThan(100);
  });
});

describe('smaps', () => {
  it('adds up what it needs and knows the flags', () => {
    const [heap, stack] = smapsOf(SMAPS);
    expect(heap!.smaps).toMatchObject({ rssKb: 12, anonymousKb: 8, swapKb: 4, dirtyKb: 12, pageKb: 4, thpKb: 0 });
    expect(heap!.path).toBe('/usr/bin/a name [heap]');
    expect([...stack!.smaps.flags]).toEqual(['rd', 'wr', 'gd', 'ac']);
  });

  it.each(['Rss: many kB', 'Rss: 4', 'rss:  4 kB', '-', 'VmFlags'])('refuses the line %j', (text) => {
    expect(() => smapsOf(`${SMAPS}${text}\n`)).toThrowError(expect.objectContaining({ code: 'FL4106' }));
  });

  it('refuses figures without a mapping', () => {
    expect(() => smapsOf('Rss:  4 kB\n')).toThrowError(expect.objectContaining({ code: 'FL4106' }));
  });

  it('answers or refuses, whatever lines are lost, doubled or cut (seeds 1 to 500)', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = createRandom(seed);
      const lines = SMAPS.split('\n').flatMap((it) => {
        const what = random.below(20);
        return what === 0 ? [] : what === 1 ? [it, it] : [what === 2 ? it.slice(0, random.below(it.length + 1)) : it];
      });
      try {
        smapsOf(lines.join('\n'));
      } catch (error) {
        expect(isForklabError(error) && error.code, `seed ${seed}`).toBe('FL4106');
      }
    }
  });
});

describe('what is left out', () => {
  it('is what a trace cannot hold, by reason', () => {
    const all = smapsOf(SMAPS);
    const { mappings, leftOut } = keep(1, all);
    expect(leftOut).toEqual({ vdso: 1, vsyscall: 1 });
    expect(mappings.map(({ path }) => path)).toEqual(['/usr/bin/a name [heap]', '[stack]']);
    expect(keepAgain(all, all)).toEqual(mappings);
  });

  it('is not fooled by a file that is called [vdso]', () => {
    const [it] = keep(1, smapsOf(`${line('r--p 00000000 fe:00 5 [vdso]')}\nVmFlags: rd\n`)).mappings;
    expect(it!.path).toBe('[vdso]');
  });

  it('leaves out device memory, huge pages and impossible offsets', () => {
    const one = (offset: string, flags: string) =>
      keep(1, smapsOf(`${line(`rw-s ${offset} fe:00 5 /dev/x`)}\nKernelPageSize: 4 kB\nVmFlags: ${flags}\n`)).leftOut;
    expect(one('00000000', 'rd io pf')).toEqual({ deviceMemory: 1 });
    expect(one('00000000', 'rd ht')).toEqual({ hugetlb: 1 });
    expect(one('fffffffffffff000', 'rd')).toEqual({ offset: 1 });
  });

  it('refuses a kernel with other pages', () => {
    const text = `${line('rw-p 00000000 00:00 0')}\nKernelPageSize: 64 kB\nVmFlags: rd\n`;
    expect(() => keep(1, smapsOf(text))).toThrowError(expect.objectContaining({ code: 'FL4111' }));
  });
});

describe('status, stat, iomem, names', () => {
  it('does not let the name of a process pretend anything', () => {
    const stat = `7 (a) R 1 (x) S 1 7 7 0 -1 4194304 ${[11, 0, 12, 0].join(' ')} 0 0`;
    expect(parseFaults(stat)).toEqual({ minorFaults: 11, majorFaults: 12 });
    const status = parseStatus(
      'Name:\te\\nVmRSS: 9\nState:\tS (sleeping)\nVmSize:\t8 kB\nVmRSS:\t4 kB\nThreads:\t3\n',
      stat,
    );
    expect(status).toMatchObject({ command: 'e_nVmRSS_9', rssKb: 4, threads: 3, hasMemory: true, state: 'S' });
  });

  it('makes every name safe', () => {
    expect(safeName('redis-server')).toBe('redis-server');
    expect(safeName('\u001b[31m\u202e__proto__/..')).toBe('_31m___proto___');
    expect(safeName('')).toBe('unnamed');
    expect(safeName('x'.repeat(99), 15)).toHaveLength(15);
  });

  it('finds the frames of the kernel image, and none without privilege', () => {
    const text =
      '00100000-bfffffff : System RAM\n  03000000-0327c13f : Kernel data\n  03b34000-03c57fff : Kernel bss\n';
    expect(parseKernelImage(text)).toEqual([
      [0x3000, 0x3000 + 0x27c140 / 4096],
      [0x3b34, 0x3c58],
    ]);
    expect(parseKernelImage('00000000-00000000 : Kernel bss\n')).toEqual([]);
  });

  it('tells swapped pages from markers', () => {
    expect(isSwapEntry(5 << 5, 0x4000_0000)).toBe(true);
    expect(isSwapEntry(31, 0x4000_0000)).toBe(false);
    expect(isSwapEntry(0, 0x4400_0000)).toBe(false);
  });
});
