// The question whether an application may act for whoever is signed in: who asks, and for what. However it was asked, and
// what becomes of the answer, is the affair of whoever shows it.

import type { Consent, Device } from '@keyward/sdk/wire';
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useOwnSession } from '../session.ts';
import { consentWords as words } from '../words/consent.ts';
import classes from './consent.module.css';
import { hostDescribing } from './described-at.ts';
import { SignedOutLayout } from './signed-out-layout.tsx';

/** The organization is null for a part of Keyward, which acts as the person themselves. */
export type Asked = Pick<Device, 'application' | 'api' | 'permissions'>;

export function ConsentQuestion({
  asked,
  isBusy,
  onAnswer,
  back = words.back,
  go,
  children,
}: {
  asked: Asked;
  isBusy: boolean;
  onAnswer: (allow: boolean) => void;
  /** What leads on where there is nothing to allow. */
  back?: string;
  /** What allows it, also where it was allowed before. */
  go?: string;
  /** What else is to be told, such as where the answer goes. */
  children?: ReactNode;
}) {
  const { user, organization } = useOwnSession();
  const { application, api, permissions } = asked;
  const { organization: owner } = application;
  const stranger = hostDescribing(application);
  const says = owner === null ? words.own : stranger === null ? words.of(owner.name) : words.stranger;
  const isNothing = permissions.length === 0;
  const isKnown = !permissions.some(({ isNew }) => isNew);
  return (
    <SignedOutLayout
      title={says.title(stranger ?? application.name)}
      intro={says.intro}
      foot={words.as(user.email, organization.name)}
    >
      <Stack>
        {stranger !== null && <Stranger host={stranger} name={application.name} />}
        {isNothing ? (
          <Text fz="sm">{words.nothing}</Text>
        ) : (
          <Permissions title={says.would(api.name)} permissions={permissions} />
        )}
        {isKnown && !isNothing && <Text fz="sm">{words.known}</Text>}
        {children}
        {!isNothing && (
          <>
            <Text c="dimmed" fz="sm">
              {says.note}
            </Text>
            <Button loading={isBusy} onClick={() => onAnswer(true)} fullWidth>
              {go ?? (isKnown ? words.again : words.allow)}
            </Button>
          </>
        )}
        <Button variant="default" disabled={isBusy} onClick={() => onAnswer(false)} fullWidth>
          {isNothing ? back : words.deny}
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

function Permissions({ title, permissions }: { title: string; permissions: Consent['permissions'] }) {
  const isMixed = permissions.some(({ isNew }) => isNew) && permissions.some(({ isNew }) => !isNew);
  return (
    <div>
      <Text fz="sm">{title}</Text>
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
