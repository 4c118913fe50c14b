import { describeStrategy } from '../src/vitest.js';
import { eager, sharing } from './strategies.js';

describeStrategy(eager());
describeStrategy(sharing(), { sometimes: ['tablesBroken: gup'] });
