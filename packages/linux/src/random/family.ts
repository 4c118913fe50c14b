/** What a family of random operations is: one file in `families/`, switched on by its area. */

import type { Op } from '@forklab/core';
import type { Area } from './areas.js';
import type { Draw, Weighted } from './draw.js';
import type { Layout } from './layout.js';
import type { World } from './world.js';

/** What one operation is drawn from. */
export interface Scene {
  readonly world: World;
  readonly draw: Draw;
  /** Who does it. */
  readonly proc: string;
  readonly layout: Layout;
}

/** An operation, and what the process has mapped if it succeeds, where that changes. */
export interface Drawn {
  readonly op: Op;
  readonly layout?: Layout;
}

/** Undefined when there is nothing to do it to. A maker may change the world besides, when it does not answer that. */
export type Maker = (scene: Scene) => Drawn | undefined;

export interface Family {
  readonly area: Area;
  /** Weights are parts of a thousand or so, when every area is on. */
  readonly makers: Weighted<Maker>;
}
