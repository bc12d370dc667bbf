// The figures by their names in performance.md; a new one is a file and a line here.

import type { Figure } from '../figure.ts';
import { p1 } from './p1.ts';
import { p2 } from './p2.ts';
import { p3 } from './p3.ts';
import { p4 } from './p4.ts';
import { p5 } from './p5.ts';
import { p6 } from './p6.ts';
import { p7 } from './p7.ts';
import { p8 } from './p8.ts';
import { p9 } from './p9.ts';
import { p10 } from './p10.ts';
import { p13 } from './p13.ts';
import { p14 } from './p14.ts';
import { p15 } from './p15.ts';
import { p16 } from './p16.ts';
import { p17 } from './p17.ts';
import { p18 } from './p18.ts';
import { p19 } from './p19.ts';

export const figures: Readonly<Record<string, Figure>> = {
  P1: p1,
  P2: p2,
  P3: p3,
  P4: p4,
  P5: p5,
  P6: p6,
  P7: p7,
  P8: p8,
  P9: p9,
  P10: p10,
  P13: p13,
  P14: p14,
  P15: p15,
  P16: p16,
  P17: p17,
  P18: p18,
  P19: p19,
};
