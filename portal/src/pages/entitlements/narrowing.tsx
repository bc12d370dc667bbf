// What a narrower entitlement takes away, said before it is done: which permissions, for which organizations, and from which
// API tokens. It looks at the newest tokens alone, and says so where there are more.

import type { OrganizationList, Plan, Token, TokenList } from '@keyward/sdk/wire';
import { Paper, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { holds, useMay } from '../../session.ts';
import { entitlementWords } from '../../words/entitlements.ts';
import { useCatalogue } from '../access/catalogue.ts';
import { lostBetween } from './entitlement.ts';

const words = entitlementWords.narrowing;
const { firstOf } = entitlementWords;
/** The most that a list answers at once. */
const most = 200;

interface NarrowingProps {
  before: readonly string[];
  after: readonly string[];
  /** Whose it is: an organization's, by its id, or that of all that go by a plan. */
  of: { organization: string } | { plan: Plan };
}

/** Nothing where nothing is taken away. */
export function Narrowing({ before, after, of }: NarrowingProps) {
  const lost = lostBetween(before, after, useCatalogue());
  if (lost.length === 0) return null;
  return (
    <Paper withBorder p="sm" role="status" aria-label={words.label}>
      <Stack gap={6}>
        <Text fz="sm" fw={600}>
          {words.takes(firstOf(lost))}
        </Text>
        {'plan' in of ? <OnPlan plan={of.plan} lost={lost} /> : <Tokens organization={of.organization} lost={lost} />}
        <Text fz="sm">{words.effect}</Text>
      </Stack>
    </Paper>
  );
}

/** An organization with a list of its own does not go by its plan. */
function OnPlan({ plan, lost }: { plan: Plan; lost: readonly string[] }) {
  const query = { limit: most, sort: 'name' };
  const { data } = useQuery({
    queryKey: ['/v1/organizations', query],
    queryFn: ({ signal }) => api.get<OrganizationList>('/v1/organizations', query, signal),
    enabled: useMay('read:organization'),
  });
  if (data === undefined) return null;
  const going = data.items.filter(({ planId, entitlement }) => planId === plan.id && entitlement === null);
  if (going.length === 0) return data.next === null && <Text fz="sm">{words.nobody}</Text>;
  return (
    <>
      <Text fz="sm">{words.organizations(firstOf(going.map(({ name }) => name)))}</Text>
      <Tokens organization="*" among={new Set(going.map(({ id }) => id))} lost={lost} />
    </>
  );
}

interface TokensProps {
  /** An id, or `*` for those of all organizations. */
  organization: string;
  among?: ReadonlySet<string>;
  lost: readonly string[];
}

function Tokens({ organization, among, lost }: TokensProps) {
  const [mayAct, mayRead] = [useMay('act:organization'), useMay('read:organization_api_key')];
  const query = { organization, whose: 'all', state: 'active', limit: most, sort: 'createdAt', order: 'desc' };
  const { data } = useQuery({
    queryKey: ['/v1/tokens', query],
    queryFn: ({ signal }) => api.get<TokenList>('/v1/tokens', query, signal),
    enabled: mayAct && mayRead,
    placeholderData: keepPreviousData,
  });
  if (data === undefined) return null;
  const isMeant = (token: Token) => among === undefined || among.has(token.organization?.id ?? '');
  const losing = data.items.filter((token) => isMeant(token) && lost.some((name) => holds(token.permissions, name)));
  const isMore = data.next !== null;
  if (losing.length === 0) return <Text fz="sm">{isMore ? words.noTokensSeen : words.noTokens}</Text>;
  const named = losing.map((token) =>
    token.organization === undefined ? token.name : words.of(token.name, token.organization.name),
  );
  return <Text fz="sm">{words.tokens(losing.length, isMore, firstOf(named))}</Text>;
}
