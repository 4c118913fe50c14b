export { checkStrategy } from './check-strategy.js';
export { type FixtureKernel, type KernelFixture, kernelFixtures } from './kernel-fixtures.js';
