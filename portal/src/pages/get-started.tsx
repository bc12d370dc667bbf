// Get started: from how a client authenticates, over a credential and a call to copy, to seeing the call arrive. A
// credential that was just made is handed over in memory; nothing here is kept.

import type { ServerSettings } from '@keyward/sdk/wire';
import { Anchor, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useParameters } from '../address.ts';
import { api } from '../api.ts';
import { type NewCredential, useNewCredential } from '../new-credential.ts';
import { LeaveGuard } from '../parts/leave-guard.tsx';
import { Page } from '../parts/page.tsx';
import { Snippets } from '../parts/secret.tsx';
import { useMay } from '../session.ts';
import { getStartedWords as words } from '../words/get-started.ts';
import { CredentialStep } from './get-started/credential.tsx';
import classes from './get-started/get-started.module.css';
import { Wait } from './get-started/wait.tsx';
import { WayPicker } from './get-started/way-picker.tsx';
import { type Credential, isPlain, snippetsOf, type WayId, waysOf } from './get-started/ways.ts';

const nothing: Credential = { secret: '', username: '' };
const placeholder: Credential = { secret: 'YOUR_SECRET', username: 'YOUR_USERNAME' };

export function GetStartedPage() {
  const [parameters, change] = useParameters();
  const made = useNewCredential();
  const [pasted, setPasted] = useState(nothing);
  const settings = useQuery({
    queryKey: ['/v1/settings'],
    queryFn: ({ signal }) => api.get<ServerSettings>('/v1/settings', {}, signal),
    enabled: useMay('read:organization'),
  });
  const ways = waysOf(settings.data?.dialects ?? {});
  const way = [...ways.own, ...ways.others].find(({ id }) => id === (parameters.way ?? usualFor(made))) ?? ways.own[0];
  if (way === undefined) return null;
  const fitting = made?.kind === way.kind ? made : null;
  const given = fitting === null ? pasted : { secret: fitting.secret, username: usernameOf(fitting) };
  const filling = {
    secret: isPlain(given.secret) && given.secret !== '' ? given.secret : placeholder.secret,
    username: isPlain(given.username) && given.username !== '' ? given.username : placeholder.username,
  };
  const url = settings.data?.url ?? window.location.origin;
  return (
    <Page title={words.title} intro={words.intro} width="narrow">
      {made !== null && <LeaveGuard />}
      <ol className={classes.steps}>
        <Step title={words.ways.title}>
          <WayPicker ways={ways} value={way.id} onChange={(id) => change({ way: id })} />
        </Step>
        <Step title={words.credential.title}>
          <CredentialStep way={way} made={made} pasted={pasted} onPaste={setPasted} />
        </Step>
        <Step title={words.call.title}>
          <Text fz="sm" mb="sm">
            {words.call.check} {filling.secret === placeholder.secret && words.call.placeholder}
          </Text>
          <Snippets snippets={snippetsOf(way, url, filling)} />
          <Text fz="sm" mt="sm">
            {words.call.whole}{' '}
            <Anchor href="/docs" target="_blank" rel="noopener">
              {words.call.reference}
            </Anchor>
            {words.call.download}{' '}
            <Anchor href="/postman.json" download="keyward.postman_collection.json">
              {words.call.collection}
            </Anchor>
            {', '}
            <Anchor href="/postman-environment.json" download="keyward.postman_environment.json">
              {words.call.environment}
            </Anchor>
            {', '}
            <Anchor href="/openapi.json" download="openapi.json">
              {words.call.openApi}
            </Anchor>
          </Text>
        </Step>
        <Step title={words.wait.title}>
          <Wait key={`${way.kind} ${fitting?.id}`} credential={fitting} kind={way.kind} />
        </Step>
      </ol>
    </Page>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className={classes.step}>
      <Title order={2}>{title}</Title>
      {children}
    </li>
  );
}

function usualFor(made: NewCredential | null): WayId {
  if (made?.kind === 'api_user') return 'api-user';
  return made?.isExchangeOnly === true ? 'exchange' : 'token';
}

function usernameOf(made: NewCredential): string {
  return made.kind === 'api_user' ? made.username : '';
}
