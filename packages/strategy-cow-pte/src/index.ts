/** @packageDocumentation COW-PTE: PTE tables shared copy-on-write at fork, with a reference count and an owner. */
export { type CowPteOptions, cowPte, cowPte as strategy } from './cow-pte.js';
export { COW_PTE_VARIANTS, type CowPteVariant } from './variants.js';
