// The question whether an application may act for whoever is signed in: who asks, and for what. However it was asked, and
// what becomes of the answer, is the affair of whoever shows it.

import type { Consent } from '@keyward/sdk/wire';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useOwnSession } from '../session.ts';
import { consentWords as words } from '../words/consent.ts';
import classes from './consent.module.css';
import { hostDescribing } from './described-at.ts';
import { SignedOutLayout } from './signed-out-layout.tsx';

export type Asked = Pick<Consent, 'application' | 'api' | 'permissions'>;

export function ConsentQuestion({
  asked,
  isBusy,
  onAnswer,
  children,
}: {
  asked: Asked;
  isBusy: boolean;
  onAnswer: (allow: boolean) => void;
  /** What else is to be told, such as where the answer goes. */
  children?: ReactNode;
}) {
  const { user, organization } = useOwnSession();
  const { application, api, permissions } = asked;
  const stranger = hostDescribing(application);
  const isNothing = permissions.length === 0;
  const isKnown = !permissions.some(({ isNew }) => isNew);
  return (
    <SignedOutLayout
      title={words.title(stranger ?? application.name)}
      intro={stranger === null ? words.of(application.organization.name) : words.stranger}
      foot={words.as(user.email, organization.name)}
    >
      <Stack>
        {stranger !== null && <Stranger host={stranger} name={application.name} />}
        {isNothing ? <Text fz="sm">{words.nothing}</Text> : <Permissions api={api.name} permissions={permissions} />}
        {isKnown && !isNothing && <Text fz="sm">{words.known}</Text>}
        {children}
        {!isNothing && (
          <>
            <Text c="dimmed" fz="sm">
              {words.note}
            </Text>
            <Button loading={isBusy} onClick={() => onAnswer(true)} fullWidth>
              {isKnown ? words.again : words.allow}
            </Button>
          </>
        )}
        <Button variant="default" disabled={isBusy} onClick={() => onAnswer(false)} fullWidth>
          {isNothing ? words.back : words.deny}
        </Button>
      </Stack>
    </SignedOutLayout>
  );
}

function Stranger({ host, name }: { host: string; name: string }) {
  return (
    <div>
      <Text fz="lg" fw={700} className={`kw-mono ${classes.host}`}>
        {host}
      </Text>
      <Text fz="sm" className={classes.host}>
        {words.claims(name)}
      </Text>
    </div>
  );
}

function Permissions({ api, permissions }: { api: string; permissions: Consent['permissions'] }) {
  const isMixed = permissions.some(({ isNew }) => isNew) && permissions.some(({ isNew }) => !isNew);
  return (
    <div>
      <Text fz="sm">{words.would(api)}</Text>
      <ul className={classes.list}>
        {permissions.map(({ name, description, isNew }) => (
          <li key={name}>
            <Group gap={8} wrap="nowrap">
              <Text fz="sm" fw={600}>
                {description || words.pattern(name)}
              </Text>
              {isMixed && isNew && <Badge variant="default">{words.new}</Badge>}
            </Group>
            <span className={`kw-mono ${classes.name}`}>{name}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
