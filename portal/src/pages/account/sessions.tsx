// Where one is signed in, and ending it there.

import type { SessionList, SessionSummary } from '@keyward/sdk/wire';
import { Badge, Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Icon } from '../../parts/icon.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { Loaded, Panel } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { accountWords } from '../../words/account.ts';
import classes from './sessions.module.css';

const words = accountWords.sessions;

export function SessionsPanel() {
  const sessions = useQuery({
    queryKey: ['/v1/sessions'],
    queryFn: ({ signal }) => api.get<SessionList>('/v1/sessions', {}, signal),
  });
  const endOthers = useMutation({
    mutationFn: () => api.delete('/v1/sessions'),
    onSuccess: async () => {
      await invalidate('/v1/sessions');
      showDone(words.othersEnded);
    },
    onError: showProblem,
  });
  const hasOthers = sessions.data?.items.some(({ current }) => !current) === true;
  return (
    <Panel
      title={words.title}
      intro={words.intro}
      actions={
        hasOthers && (
          <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {words.endOthers}
          </Button>
        )
      }
    >
      <Loaded query={sessions}>
        {({ items }) => (
          <ul className={classes.list}>
            {items.map((session) => (
              <Entry key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function Entry({ session }: { session: SessionSummary }) {
  const where = session.carrier === 'application' ? words.application : browserOf(session.userAgent);
  const end = useMutation({
    mutationFn: () => api.delete(`/v1/sessions/${part(session.id)}`),
    onSuccess: async () => {
      await invalidate('/v1/sessions');
      showDone(words.ended);
    },
    onError: showProblem,
  });
  return (
    <li className={classes.entry}>
      <Icon name="screen" size={22} />
      <div className={classes.about}>
        <Group gap={8}>
          <Text fw={600} fz="sm" title={session.userAgent}>
            {where}
          </Text>
          {session.current && <Badge variant="default">{words.current}</Badge>}
        </Group>
        <Text fz="sm" c="dimmed">
          {words.started} <When at={session.createdAt} /> {words.from}{' '}
          <span className="kw-mono">{session.address}</span>
          {session.carrier === 'cookie' && (
            <>
              {' '}
              · {words.seen} <When at={session.seenAt} />
            </>
          )}
        </Text>
      </div>
      {!session.current && (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={words.endOne(where)}
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          {words.end}
        </Button>
      )}
    </li>
  );
}

/** Enough of a user agent to know one's own devices apart; the whole text is the entry's title. */
function browserOf(userAgent: string): string {
  if (userAgent.startsWith('keyward/')) return words.commandLine;
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl'].find((name) => userAgent.includes(`${name}/`));
  const systems = [
    ['Android'],
    ['iPhone'],
    ['iPad'],
    ['Windows'],
    ['Mac OS X', 'macOS'],
    ['CrOS', 'ChromeOS'],
    ['Linux'],
  ];
  const system = systems.find(([mark = '']) => userAgent.includes(mark))?.at(-1);
  if (browser === undefined) return userAgent.slice(0, 60) || words.unknown;
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return system === undefined ? name : words.browser(name, system);
}
