// Waiting for the first call, and saying that it has come.

import { Alert, Anchor, Button, Group, Loader, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { NewCredential } from '../../new-credential.ts';
import { Icon } from '../../parts/icon.tsx';
import { When } from '../../parts/when.tsx';
import { getStartedWords } from '../../words/get-started.ts';
import { usageWords } from '../../words/usage.ts';
import { useFirstCall } from './first-call.ts';
import classes from './get-started.module.css';

const words = getStartedWords.wait;

export function Wait({ credential, kind }: { credential: NewCredential | null; kind: 'api_token' | 'api_user' }) {
  const { seen, refused, canWatch, again } = useFirstCall(credential, kind);
  if (!canWatch) return <Text c="dimmed">{getStartedWords.credential.mayNot}</Text>;
  const why = refused === null ? undefined : (usageWords.reasons.texts[refused] ?? usageWords.reasons.other);
  return (
    <>
      <div className={classes.wait} data-seen={seen !== null || undefined} role="status">
        {seen === null ? (
          <>
            <Loader size={22} color="var(--kw-accent)" aria-hidden />
            <div>
              <Text fw={600}>{words.waiting}</Text>
              <Text fz="sm" c="dimmed">
                {words.waitingText}
              </Text>
            </div>
          </>
        ) : (
          <>
            <span className={classes.seen}>
              <Icon name="check" size={22} />
            </span>
            <div>
              <Text fw={600}>{words.received}</Text>
              <Text fz="sm">
                {words.receivedFrom(seen.name)}{' '}
                <Text span c="dimmed" fz="sm">
                  {seen.address !== null && words.address(seen.address)}
                  {seen.userAgent !== null && ` · ${seen.userAgent}`} · <When at={seen.at} />
                </Text>
              </Text>
            </div>
          </>
        )}
      </div>
      {seen === null && why !== undefined && (
        <Alert color="orange" variant="light" icon={<Icon name="alert" />} title={words.refused} mt="md">
          <Text fz="sm" c="var(--mantine-color-text)">
            {why.title}. {why.text}
          </Text>
        </Alert>
      )}
      {seen !== null && (
        <Group mt="md" justify="space-between" gap="sm">
          <Text fz="sm" c="dimmed">
            {words.next}{' '}
            <Anchor component={Link} to="/usage" fz="sm" underline="always">
              {words.usage}
            </Anchor>
          </Text>
          <Button variant="default" size="sm" onClick={again}>
            {words.again}
          </Button>
        </Group>
      )}
    </>
  );
}
