// Settings: the organization's name, which may be changed; how the server was told to work, which is only shown, and not
// to who works for a customer: it is no customer's own.

import type { ServerSettings } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { actingFor } from '../acting.ts';
import { api } from '../api.ts';
import { Copyable } from '../parts/copy.tsx';
import { Forbidden } from '../parts/forbidden.tsx';
import { Mark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Facts, Loaded, Panel } from '../parts/states.tsx';
import { useMay } from '../session.ts';
import { duration } from '../words/durations.ts';
import { settingWords as words } from '../words/settings.ts';
import { LeaksPanel } from './settings/leaks.tsx';
import { OrganizationPanel } from './settings/organization.tsx';
import classes from './settings/settings.module.css';

export function SettingsPage() {
  const mayRead = useMay('read:organization');
  const settings = useQuery({
    queryKey: ['/v1/settings'],
    queryFn: ({ signal }) => api.get<ServerSettings>('/v1/settings', {}, signal),
    enabled: mayRead && actingFor === null,
  });
  if (!mayRead) return <Forbidden title={words.title} permission="read:organization" />;
  return (
    <Page title={words.title} {...(actingFor === null && { intro: words.intro })} width="narrow">
      <OrganizationPanel />
      <LeaksPanel />
      {actingFor === null && (
        <>
          <Panel title={words.dialects.title} intro={words.dialects.intro}>
            <Loaded query={settings}>{({ dialects }) => <Dialects dialects={dialects} />}</Loaded>
          </Panel>
          <Panel title={words.server.title}>
            <Loaded query={settings}>{(data) => <Server settings={data} />}</Loaded>
          </Panel>
        </>
      )}
    </Page>
  );
}

function Dialects({ dialects }: { dialects: ServerSettings['dialects'] }) {
  return (
    <ul className={classes.dialects}>
      {Object.entries(dialects).map(([dialect, isOn]) => {
        const [name, text] = words.dialects.texts[dialect] ?? [dialect, ''];
        return (
          <li key={dialect} className={classes.dialect}>
            <div>
              <Text fz="sm" fw={600}>
                {name}
              </Text>
              <Text fz="sm" c="dimmed">
                {text}
              </Text>
            </div>
            <Mark kind={isOn ? 'good' : 'off'}>{isOn ? words.dialects.on : words.dialects.off}</Mark>
          </li>
        );
      })}
    </ul>
  );
}

/** What is left out is not told to this organization. */
function Server({ settings }: { settings: ServerSettings }) {
  const { url, version, database, tokenPrefix, signInFailures, sessionIdleMinutes, sessionHours, whereToChange } =
    settings;
  const { server } = words;
  return (
    <Facts
      rows={[
        [server.url, <Copyable key="url" text={url} />],
        ...(version === undefined ? [] : [[server.version, version] as const]),
        ...(database === undefined ? [] : [[server.database, server.databases[database] ?? database] as const]),
        ...(tokenPrefix === undefined ? [] : [[server.prefix, `${tokenPrefix}_`] as const]),
        ...(signInFailures === undefined ? [] : [[server.failures, server.failuresText(signInFailures)] as const]),
        ...(sessionIdleMinutes === undefined || sessionHours === undefined
          ? []
          : [
              [
                server.idle,
                server.idleText(duration(sessionIdleMinutes * 60_000), duration(sessionHours * 3_600_000)),
              ] as const,
            ]),
        [server.where, whereToChange === undefined ? server.whereOthers : server.whereText(whereToChange)],
      ]}
    />
  );
}
