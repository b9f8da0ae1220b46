// Every view of the page, in the order of reading. A view is one file and one line here.
import type { ComponentType } from 'react';
import { Collections } from './collections.js';
import { Density } from './density.js';
import { Features } from './features.js';
import { Inspector } from './inspector.js';
import { PairMap } from './pair-map.js';
import { Threshold } from './threshold.js';
import { Verdict } from './verdict.js';

export interface View {
  readonly id: string;
  readonly View: ComponentType;
}

export const views: readonly View[] = [
  { id: 'verdict', View: Verdict },
  { id: 'map', View: PairMap },
  { id: 'threshold', View: Threshold },
  { id: 'density', View: Density },
  { id: 'features', View: Features },
  { id: 'inspector', View: Inspector },
  { id: 'collections', View: Collections },
];
