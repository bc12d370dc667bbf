// While a rotation lasts: who still uses what is old, who uses the new one, and until when both work.

import type { Token } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { When } from '../../parts/when.tsx';
import { type RotatedNoun, rotationWords } from '../../words/rotation.ts';
import { LastUse } from '../token/details.tsx';
import classes from './rotation.module.css';

export interface OverlapProps {
  noun: RotatedNoun;
  rotation: NonNullable<Token['rotation']>;
}

export function Overlap({ noun, rotation }: OverlapProps) {
  const words = rotationWords[noun].overlap;
  const { rotatedAt, previousUntil, previousLastUsed, currentLastUsed } = rotation;
  const isStillUsed = previousLastUsed !== null && Date.parse(previousLastUsed.at) > Date.parse(rotatedAt);
  return (
    <>
      <Text fz="sm">{isStillUsed ? words.stillUsed : words.notUsed}</Text>
      <dl className={classes.facts}>
        <div>
          <dt>{words.old}</dt>
          <dd>
            <LastUse use={previousLastUsed} never={words.neverUsed} />
          </dd>
        </div>
        <div>
          <dt>{words.new}</dt>
          <dd>
            <LastUse use={currentLastUsed} never={words.neverUsed} />
          </dd>
        </div>
        <div>
          <dt>{words.until}</dt>
          <dd>
            <When at={previousUntil} /> (<When at={previousUntil} form="exact" />)
          </dd>
        </div>
      </dl>
    </>
  );
}
