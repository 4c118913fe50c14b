/** Page tables and their entries. */

import { derived, measured } from './price.js';

export const TABLE_PRICES = {
  slotsVisited: measured(
    2,
    [1, 8],
    'upper-level entry',
    'walks over 512 PMD tables with one entry each, less the same entries under one: fork 2.0, mprotect 6.9',
  ),
  tablesAllocated: measured(
    650,
    [450, 850],
    'table',
    'a first touch that needs a PTE table, less one that does not: 583 (write), 703 (read); with a PMD table ' +
      'too, 755 more',
  ),
  tablesFreed: measured(
    500,
    [300, 900],
    'table',
    'munmap (472) and exit (546) of 2048 tables without entries; includes reading 512 empty entries',
  ),
  tablesCopied: measured(
    1_150,
    [900, 1_500],
    'PTE table',
    'fork over 2048 tables without entries, 1807 a table, less tablesAllocated: locks, and reading 512 entries',
  ),
  tablesShared: derived(
    100,
    [29, 300],
    'PTE table',
    'two upper entries written and one count raised. On-Demand-Fork (EuroSys 2021, figure 7, fitted) 67 up to 4 ' +
      'GB and 29 above 8; fork of one huge page, which does the same and deposits a table, takes 602 here, so ' +
      'about 150 without it',
  ),
  tablesLinked: derived(
    150,
    [50, 500],
    'PTE table',
    'as tablesShared, and the table has to be found in its owner first; no published figure per table',
  ),
  tablesBroken: derived(
    1_250,
    [300, 3_000],
    'PTE table',
    'tablesCopied, and leaving the old table (as tablesDropped); its new table and entries are counted ' +
      'separately. On-Demand-Fork (EuroSys 2021, table 1): a break adds 9.9 us where fork copies a full table in ' +
      '9.85',
  ),
  tablesAdopted: derived(
    100,
    [30, 320],
    'PTE table',
    'one upper entry made writable, one owner changed; a fault that makes a whole huge page writable again takes ' +
      '665 to 919 here, and a fault by itself 600',
  ),
  tablesDropped: derived(
    100,
    [20, 400],
    'PTE table',
    'one upper entry cleared, one count lowered; munmap of one shared huge page takes 416 here, its deposited ' +
      'table included',
  ),
  tablesMoved: measured(280, [250, 600], 'table', 'mremap by whole PTE tables, which flushes once a table: 284'),
  ptesCopied: measured(
    75,
    [47, 120],
    'entry',
    'fork of 16 MiB to 1 GiB less its tables: 48 to 50 when pages lie in memory in order of address, 70 after ' +
      'they were copied once, 73 when they were touched at random, 62 and 83 on other days. Nearly all of it is ' +
      'waiting for the metadata of the page. Contains the write protection of the source',
  ),
  ptesProtected: measured(
    65,
    [55, 75],
    'entry',
    'mprotect of 128 to 65 536 pages: 59 to 62 to read-only, 70 to writable',
  ),
  ptesMoved: measured(10, [9, 40], 'entry', 'mremap of 64 MiB to an address that is not aligned alike: 10.1'),
  ptesZapped: measured(
    60,
    [50, 250],
    'entry',
    'munmap, by a child, of pages that its parent keeps: 56 to 67; exit of 1 GiB 57 in order, 70 to 80 at ' +
      'random. High: pages of a file that nobody else maps, 251',
  ),
  markersChanged: measured(
    12,
    [11, 15],
    'marker',
    'MADV_GUARD_INSTALL over 256 MiB whose tables are there: 11.5 to 13.5; MADV_GUARD_REMOVE: 11.8 to 12.4',
  ),
} as const;
