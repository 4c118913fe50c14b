import { library } from '../../scripts/tsup.base.js';

export default library({
  entry: ['src/index.ts', 'src/cli.ts'],
  // The command is a program; only what a config file imports has types.
  dts: { entry: 'src/index.ts', compilerOptions: { ignoreDeprecations: '6.0' } },
  // It loads parts of itself from beside its own file, so it must stay where npm put it.
  external: ['jiti'],
});
