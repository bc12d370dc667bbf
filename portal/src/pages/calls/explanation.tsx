// Which rule refused a call, in plain words and with the value; and the call, as far as it is remembered.

import type { Explanation } from '@keyward/sdk/wire';
import { Alert, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { Icon } from '../../parts/icon.tsx';
import { Facts, Loaded } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { callsWords } from '../../words/calls.ts';
import { usageWords } from '../../words/usage.ts';
import { Credential, callOf, titleOf } from './shown.tsx';

const words = callsWords.answer;

/** A refusal by its id. */
export function Why({ refusal }: { refusal: string }) {
  const query = useQuery({
    queryKey: ['/v1/refusals', refusal],
    queryFn: ({ signal }) => api.get<Explanation>(`/v1/refusals/${part(refusal)}`, {}, signal),
  });
  return <Loaded query={query}>{(explanation) => <Explained explanation={explanation} />}</Loaded>;
}

/** With a reason it is what would have refused it, which is only observed so far. */
function letIn(reason: string | null): string {
  return reason === null ? words.allowed : words.observed(titleOf(reason));
}

export function Explained({ explanation }: { explanation: Explanation }) {
  const { allowed, reason, text, call } = explanation;
  const why = reason === null ? words.noRoute : titleOf(reason);
  const title = allowed ? letIn(reason) : call === null ? words.wouldBe(why) : words.was(why);
  const advice = reason === null ? undefined : usageWords.reasons.texts[reason]?.text;
  return (
    <>
      <Alert
        role="status"
        color={allowed ? 'green' : 'orange'}
        variant="light"
        title={title}
        icon={<Icon name={allowed ? 'check' : 'info'} />}
      >
        <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {text}
        </Text>
        {advice !== undefined && (
          <Text fz="sm" mt="xs">
            {advice}
          </Text>
        )}
      </Alert>
      {call !== null && (
        <Facts
          rows={[
            [words.at, <When key="at" at={call.at} form="exact" />],
            [words.credential, <Credential key="credential" call={call} />],
            ...(call.organization === null
              ? []
              : [[words.organization, call.organization.name ?? call.organization.id] as const]),
            [words.call, callOf(call)],
            ...(call.permissions.length === 0 ? [] : [[words.permissions, call.permissions.join(', ')] as const]),
            [words.from, [call.address, call.userAgent].filter(Boolean).join(', ')],
            [words.node, call.node],
            ...(call.refusal === null ? [] : [[words.refusal, call.refusal] as const]),
          ]}
        />
      )}
    </>
  );
}
