// Which events a webhook is sent: a box for each, under what it is about.

import { webhookEvents } from '@keyward/rules/webhooks/events';
import { Checkbox, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { webhooksWords as words } from '../../words/webhooks.ts';

interface EventsFieldProps {
  error?: ReactNode;
  value: string[];
  onChange: (events: string[]) => void;
}

const groups = [...Map.groupBy(webhookEvents, (event) => event.split('.', 1)[0] ?? '')];

export function EventsField({ error, ...events }: EventsFieldProps) {
  const isWrong = error !== undefined && error !== null;
  return (
    <Checkbox.Group label={words.form.events} error={error} {...events}>
      <Stack gap="md" mt="xs">
        {groups.map(([noun, ofNoun]) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset would be drawn as one
          <div key={noun} role="group" aria-label={words.nouns[noun] ?? noun}>
            <Text fz="xs" fw={600} c="dimmed" mb={6}>
              {words.nouns[noun] ?? noun}
            </Text>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="xs">
              {ofNoun.map((event) => (
                <Checkbox
                  key={event}
                  value={event}
                  label={words.eventTexts[event]}
                  description={event}
                  {...(isWrong && { 'aria-invalid': true })}
                />
              ))}
            </SimpleGrid>
          </div>
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
