// What a dry run says of the keys that prove a recipe. The keys themselves are not shown.

import type { Call } from '../grammar/noun.ts';
import type { BatchOutcome } from './send-batches.ts';

export interface SamplesTold {
  /** Of a batch. */
  saw(samples: NonNullable<BatchOutcome['samples']>): void;
  /** Says what became of each; false if one is of no row. */
  end(): boolean;
  readonly found: readonly { hasShape: boolean; line: number | null }[];
}

export function tellSamples({ terminal, json }: Call, samples: readonly string[]): SamplesTold {
  const found = samples.map(() => ({ hasShape: false, line: null as number | null }));
  return {
    found,
    saw(some) {
      for (const [index, { hasShape, line }] of some.entries()) {
        const one = found[index];
        if (one === undefined) continue;
        one.hasShape = hasShape;
        one.line ??= line;
      }
    },
    end() {
      if (!json) {
        for (const [index, { hasShape, line }] of found.entries()) {
          const shape = hasShape ? '' : ' It is not of the shape that the recipe says, so it would be refused unasked.';
          const row = line === null ? 'of no row' : `the key of line ${line}`;
          terminal.output.write(`Sample ${index + 1} is ${row}.${shape}\n`);
        }
      }
      return found.every(({ hasShape, line }) => hasShape && line !== null);
    },
  };
}
