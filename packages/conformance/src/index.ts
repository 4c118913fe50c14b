export * from './kernel-fixtures.js';
