/** The tables above the PTE level: a tree of each space's own, whose leaves are PTE tables. */
import { ZERO_PFN } from './frames.js';
import type { Machine } from './machine.js';
import { PGD_LEVEL, PTE_LEVEL } from './page-table.js';
import { type Recount, report } from './recount.js';
import type { Space } from './space.js';
import type { TableId } from './strategy.js';

export const checkUpperTables = (m: Machine, r: Recount, space: Space): void => {
  const { tables, geometry } = m;
  const seen = new Set<TableId>();
  const visit = (table: TableId, level: number): void => {
    for (let i = 0; i < geometry.entries; i++) {
      const child = tables.child(table, i);
      if (child === 0) continue;
      if (tables.level[child] !== level - 1) {
        report(
          r,
          'table-levels',
          `${space.name}: entry ${i} of table ${table} points to table ${child}, which is none`,
        );
      } else if (level - 1 > PTE_LEVEL) {
        if (seen.has(child)) report(r, 'table-levels', `${space.name}: table ${child} has two parents`);
        seen.add(child);
        visit(child, level - 1);
      }
    }
  };
  visit(space.pgd, PGD_LEVEL);
};

/** Pins and references are counted on the page, and held by whoever took them. */
export const checkPins = (m: Machine, r: Recount, spaces: readonly Space[]): void => {
  const held = new Map<number, { pins: number; refs: number }>();
  for (const { pins } of spaces) {
    for (const { pfns, get } of pins) {
      for (const pfn of pfns) {
        const sum = held.get(pfn) ?? { pins: 0, refs: 0 };
        sum[get ? 'refs' : 'pins']++;
        held.set(pfn, sum);
      }
    }
  }
  held.delete(ZERO_PFN);
  for (const [pfn, { pins, refs }] of held) {
    const counted = m.frames.record(pfn) ?? { pins: 0, refs: 0 };
    if (counted.pins !== pins || counted.refs !== refs) {
      const says = `${counted.pins} pins and ${counted.refs} references counted, ${pins} and ${refs} held`;
      report(r, 'pin-counts', `frame ${pfn}: ${says}`);
    }
  }
};
