// Every language that the server speaks. Another one is one file and a line here.

import { bluebricks } from './bluebricks.ts';
import { debricked } from './debricked.ts';
import type { Dialect } from './dialect.ts';
import { native } from './native.ts';
import { parsers } from './parsers.ts';
import { rebelcore } from './rebelcore.ts';
import { versio } from './versio.ts';

export const allDialects: readonly Dialect[] = [native, debricked, parsers, versio, bluebricks, rebelcore];
