// The start page: leads to the first call, and to what the signed in may see.

import { SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { isOpenTo } from '../navigation.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useSession } from '../session.ts';
import { homeWords } from '../words/home.ts';
import classes from './home.module.css';

const cards: readonly { to: string; words: keyof typeof homeWords.cards; icon: IconName; needs?: string[] }[] = [
  { to: '/get-started', words: 'getStarted', icon: 'start' },
  { to: '/tokens', words: 'tokens', icon: 'token', needs: ['manage:own_api_key', 'read:organization_api_key'] },
  { to: '/api-users', words: 'apiUsers', icon: 'robot', needs: ['read:api_user'] },
  { to: '/people', words: 'people', icon: 'people', needs: ['read:user'] },
  { to: '/usage', words: 'usage', icon: 'chart' },
  { to: '/journal', words: 'journal', icon: 'journal', needs: ['read:journal'] },
];

export function HomePage() {
  const session = useSession();
  const { user } = session;
  const shown = cards.filter((card) => isOpenTo(session, card));
  return (
    <Page title={homeWords.title(user.name || user.email)} intro={homeWords.intro}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {shown.map(({ to, words, icon }) => (
          <Link key={to} to={to} className={classes.card} data-first={words === 'getStarted' || undefined}>
            <span className={classes.icon}>
              <Icon name={icon} size={20} />
            </span>
            <Text component="span" fw={600}>
              {homeWords.cards[words].title}
            </Text>
            <Text component="span" fz="sm" c="dimmed">
              {homeWords.cards[words].text}
            </Text>
          </Link>
        ))}
      </SimpleGrid>
    </Page>
  );
}
