// Who a token belongs to and where it was seen last.

import type { Token } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Copyable } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Facts, Panel } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { usageWords } from '../../words/usage.ts';
import { RenameToken } from './rename.tsx';
import classes from './token.module.css';

const words = tokenWords.details;

export function DetailsPanel({ token, mayChange }: { token: Token; mayChange: boolean }) {
  const { user } = useSession();
  const [isOpen, dialog] = useDisclosure(false);
  const { id, owner, externalId, createdAt, createdBy, lastUsed, lastRefused, description } = token;
  const maker = createdBy === user.id ? accessWords.you : createdBy === owner.id ? owner.name : null;
  return (
    <Panel
      title={words.title}
      actions={
        mayChange && (
          <Button variant="default" size="sm" onClick={dialog.open}>
            {tokenWords.act.rename}
          </Button>
        )
      }
    >
      <Facts
        rows={[
          [words.lastUsed, <LastUse key="use" use={lastUsed} />],
          ...(token.leakedAt === null
            ? []
            : [[words.leaked, <When key="leaked" at={token.leakedAt} form="exact" />] as const]),
          [words.lastRefused, <LastRefusal key="refusal" refusal={lastRefused} />],
          [
            words.owner,
            <>
              {owner.name || owner.id}
              {owner.id === user.id && ` (${accessWords.you})`}
              {owner.type === 'api_user' && ` (${accessWords.apiUser})`}
            </>,
          ],
          [
            words.created,
            <>
              <When at={createdAt} form="exact" /> {words.by} {maker ?? <span className="kw-mono">{createdBy}</span>}
            </>,
          ],
          [
            words.notes,
            description === '' ? (
              words.noNotes
            ) : (
              <span key="notes" className={classes.notes}>
                {description}
              </span>
            ),
          ],
          [words.secret, <SecretHint key="secret" token={token} />],
          ...(externalId === null ? [] : [[words.externalId, <Copyable key="external" text={externalId} />] as const]),
          [words.id, <Copyable key="id" text={id} />],
        ]}
      />
      <Dialog isOpen={isOpen} title={tokenWords.rename.title} onClose={dialog.close}>
        <RenameToken token={token} onClose={dialog.close} />
      </Dialog>
    </Panel>
  );
}

/** How its secret begins and ends: enough to know one again that was found somewhere. */
export function SecretHint({ token: { start, lastFour } }: { token: Token }) {
  return (
    <span className="kw-mono">
      {start}…{lastFour}
    </span>
  );
}

/** When, and why most of that hour's calls were. */
function LastRefusal({ refusal }: { refusal: Token['lastRefused'] }) {
  if (refusal === null) return <>{words.neverRefused}</>;
  const { title } = usageWords.reasons.texts[refusal.verdict] ?? usageWords.reasons.other;
  return (
    <>
      <When at={refusal.hour} />, {words.because}: {title}
    </>
  );
}

/** When, from where, with what. */
export function LastUse({ use, never = accessWords.neverUsed }: { use: Token['lastUsed']; never?: string }) {
  if (use === null) return <>{never}</>;
  return (
    <>
      <When at={use.at} />
      {use.address !== null && (
        <>
          {' '}
          {accessWords.from} <span className="kw-mono">{use.address}</span>
        </>
      )}
      {use.userAgent !== null && (
        <Text component="span" fz="sm" c="dimmed" className={classes.agent}>
          {words.with} {use.userAgent}
        </Text>
      )}
    </>
  );
}
