/** @packageDocumentation File-owned page tables: shared mappings attach to tables that the file owns. */
export { type MshareOptions, mshare, mshare as strategy } from './mshare.js';
