// The list of dialects: a sixth system is one file and a line here.

import { bluebricks } from './bluebricks.ts';
import { debricked } from './debricked.ts';
import type { Dialect } from './dialect.ts';
import { parsers } from './parsers.ts';
import { rebelcore } from './rebelcore.ts';
import { versio } from './versio.ts';

export const allDialects: readonly Dialect[] = [debricked, parsers, versio, bluebricks, rebelcore];
