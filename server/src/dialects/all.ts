// Every language that the server speaks. Another one is a file, its name in dialect.ts and a line here; without the line
// it does not compile.

import { bluebricks } from './bluebricks.ts';
import { debricked } from './debricked.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { native } from './native.ts';
import { oauth2 } from './oauth2.ts';
import { parsers } from './parsers.ts';
import { rebelcore } from './rebelcore.ts';
import { versio } from './versio.ts';

const byName: Readonly<Record<DialectName, Dialect>> = {
  native,
  oauth2,
  debricked,
  parsers,
  versio,
  bluebricks,
  rebelcore,
};

export const allDialects: readonly Dialect[] = Object.values(byName);
