/**
 * A machine's state as a text that two states share exactly if they differ in names alone: of frames, tables, processes and
 * of the values stored. Numbers that a strategy keeps in a closure of its own are not in it.
 */
import type { Machine, Space, Vma } from '@forklab/core';

/** Numbers things in the order in which they are met. */
const numbering = <T>(): ((thing: T) => number) => {
  const seen = new Map<T, number>();
  return (thing) => {
    const known = seen.get(thing);
    if (known !== undefined) return known;
    seen.set(thing, seen.size);
    return seen.size - 1;
  };
};

interface Names {
  readonly frame: (pfn: number) => number;
  readonly table: (table: number) => number;
  readonly anon: (anonVma: object) => number;
  readonly value: (word: number) => number;
  readonly space: (id: number) => number;
}

const freshNames = (): Names => ({
  frame: numbering(),
  table: numbering(),
  anon: numbering(),
  value: numbering(),
  space: numbering(),
});

const ENTRY_PFN_SHIFT = 12;

/** The frame of an entry, as core packs it: the low word's upper bits, then the high word's lower bits. */
export const frameOf = (lo: number, hi: number): number => (lo >>> ENTRY_PFN_SHIFT) + (hi & 0xfffff) * 2 ** 20;

/** Bits of a present entry, and of one without rights. @kernel arch/x86/include/asm/pgtable_types.h */
export const PRESENT = 0x1;
export const PROTNONE = 0x100;

/** Both words of the entry at an address; zeroes where there is none. */
export const entryAt = ({ tables, geometry }: Machine, space: Space, addr: number): readonly [number, number] => {
  const { bits, mask, slotBytes } = geometry;
  const slot = Math.floor(addr / slotBytes);
  const pud = tables.child(space.pgd, (slot >>> (2 * bits)) & mask);
  const pmd = pud === 0 ? 0 : tables.child(pud, (slot >>> bits) & mask);
  const table = pmd === 0 ? 0 : tables.child(pmd, slot & mask);
  if (table === 0) return [0, 0];
  const i = ((addr % slotBytes) >>> ENTRY_PFN_SHIFT) * 2;
  const words = tables.words(table);
  return [words[i]!, words[i + 1]!];
};

const vmaText = (vma: Vma, names: Names): string => {
  const chain = vma.chain.map((anon) => `${names.anon(anon)}.${anon.numChildren}.${anon.numActiveVmas}`);
  const anon = vma.anonVma ? names.anon(vma.anonVma) : '-';
  return `${vma.start},${vma.end},${vma.flags},${vma.pgoff},${anon},${chain.join('/')}`;
};

const tableText = (m: Machine, table: number, names: Names): string => {
  const words = m.tables.words(table);
  let text = `t${names.table(table)},${m.tables.refs[table]},${names.space(m.tables.payer[table]!)}:`;
  for (let i = 0; i < words.length; i += 2) {
    const lo = words[i]!;
    const hi = words[i + 1]!;
    if (lo === 0) {
      text += '.';
      continue;
    }
    const pfn = frameOf(lo, hi);
    const state = `${m.frames.meta[pfn]},${m.frames.pinsOf(pfn)},${names.value(m.frames.contents[pfn]!)}`;
    text += `${lo & 0xfff},${hi >>> 20},f${names.frame(pfn)},${state};`;
  }
  return text;
};

const spaceText = (m: Machine, space: Space, names: Names): string => {
  names.space(space.id);
  const { geometry, tables } = m;
  const parts = [String(space.hasPins), ...space.vmas.map((vma) => vmaText(vma, names))];
  for (const { addr, length, pfns } of space.pins) parts.push(`p${addr},${length},${pfns.map(names.frame).join('/')}`);
  for (let g = 0; g < geometry.entries; g++) {
    const pud = tables.child(space.pgd, g);
    for (let u = 0; pud !== 0 && u < geometry.entries; u++) {
      const pmd = tables.child(pud, u);
      for (let d = 0; pmd !== 0 && d < geometry.entries; d++) {
        const table = tables.child(pmd, d);
        if (table === 0) continue;
        parts.push(`${g}.${u}.${d}.${tables.words(pmd)[d * 2]! & 0xfff}`, tableText(m, table, names));
      }
      if (pmd !== 0) parts.push(`m${g}.${u}`);
    }
    if (pud !== 0) parts.push(`u${g}`);
  }
  const cached = [...(m.tlbs?.get(space.id)?.entries() ?? [])].sort(([a], [b]) => a - b);
  for (const [addr, { pfn, writable, table }] of cached) {
    parts.push(`c${addr},${names.frame(pfn)},${writable},${names.table(table)}`);
  }
  return parts.join(' ');
};

export const canonical = (m: Machine): string => {
  const spaces = m.spaces
    .filter((space): space is Space => space !== null)
    .map((space) => ({ space, alone: space.kind + spaceText(m, space, freshNames()) }));
  spaces.sort((a, b) => (a.alone < b.alone ? -1 : a.alone > b.alone ? 1 : 0));
  const names = freshNames();
  const texts = spaces.map(({ space }) => spaceText(m, space, names));
  for (const [name, file] of m.files) {
    const pages = [...file.pagesFrom(0)].map(({ index, pfn }) => {
      return `${index}=f${names.frame(pfn)},${names.value(m.frames.contents[pfn]!)}`;
    });
    texts.push(`${name},${file.size},${pages.join(' ')}`);
  }
  return `${m.uncharged} ${texts.join(' | ')}`;
};

/** 53 bits of a text: of a million states, two fall together once in twenty thousand searches. */
export const hashOf = (text: string): number => {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
};
