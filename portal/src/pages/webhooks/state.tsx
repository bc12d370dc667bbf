// How a webhook stands, and what it is sent, in a few words.

import type { Webhook } from '@keyward/sdk/wire';
import { Tooltip } from '@mantine/core';
import { Mark } from '../../parts/mark.tsx';
import { webhooksWords as words } from '../../words/webhooks.ts';

const kinds = { active: 'good', failing: 'warn', off: 'off', gone: 'warn' } as const;

export function WebhookState({ webhook }: { webhook: Webhook }) {
  const state = stateOf(webhook);
  return (
    <Tooltip label={words.stateText[state]}>
      <Mark kind={kinds[state]}>{words.state[state]}</Mark>
    </Tooltip>
  );
}

export function eventsInWords({ events }: Pick<Webhook, 'events'>): string {
  return events.includes('*') ? words.everything : words.eventCount(events.length);
}

function stateOf({ active, deactivatedFor, failingSince }: Webhook): keyof typeof kinds {
  if (!active) return deactivatedFor === 'gone' ? 'gone' : 'off';
  return failingSince === null ? 'active' : 'failing';
}
