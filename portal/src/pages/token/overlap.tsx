// While a token is being rotated: who still uses the old secret, and the way to end it.

import type { Token } from '@keyward/sdk/wire';
import { Button, Title } from '@mantine/core';
import { api, part } from '../../api.ts';
import { rotationWords } from '../../words/rotation.ts';
import { useQuestion } from '../access/question.tsx';
import { Overlap } from '../rotation/overlap.tsx';
import classes from './token.module.css';

const words = rotationWords.token.overlap;

export interface TokenOverlapProps {
  id: string;
  rotation: NonNullable<Token['rotation']>;
  mayChange: boolean;
}

export function TokenOverlap({ id, rotation, mayChange }: TokenOverlapProps) {
  const [question, ask] = useQuestion('/v1/tokens', '/v1/journal');
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
      <Overlap noun="token" rotation={rotation} />
      {mayChange && (
        <Button variant="default" size="sm" onClick={end}>
          {words.end}
        </Button>
      )}
      {question}
    </section>
  );
}
