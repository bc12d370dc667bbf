// While a token is being rotated: who still uses the old secret, and the way to end it.

import type { Token } from '@keyward/sdk/wire';
import { Button, Text, Title } from '@mantine/core';
import { api, part } from '../../api.ts';
import { When } from '../../parts/when.tsx';
import { tokenWords } from '../../words/token.ts';
import { useQuestion } from '../access/question.tsx';
import { LastUse } from './details.tsx';
import classes from './token.module.css';

const words = tokenWords.overlap;

export interface OverlapProps {
  id: string;
  rotation: NonNullable<Token['rotation']>;
  mayChange: boolean;
}

export function Overlap({ id, rotation, mayChange }: OverlapProps) {
  const { rotatedAt, previousUntil, previousLastUsed, currentLastUsed } = rotation;
  const [question, ask] = useQuestion('/v1/tokens', '/v1/journal');
  const isStillUsed = previousLastUsed !== null && Date.parse(previousLastUsed.at) > Date.parse(rotatedAt);
  const end = () =>
    ask({
      what: 'token',
      title: words.endTitle,
      text: words.endText,
      go: words.end,
      isDangerous: true,
      done: words.ended,
      act: () => api.delete(`/v1/tokens/${part(id)}/previous-secret`),
    });
  return (
    <section className={classes.overlap} aria-label={words.title}>
      <Title order={2} fz="md">
        {words.title}
      </Title>
      <Text fz="sm">{isStillUsed ? words.stillUsed : words.notUsed}</Text>
      <dl>
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
      {mayChange && (
        <Button variant="default" size="sm" onClick={end}>
          {words.end}
        </Button>
      )}
      {question}
    </section>
  );
}
