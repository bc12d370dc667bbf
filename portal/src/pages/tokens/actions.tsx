// What can be done to tokens from their list, to one or to many, with the question before it.

import type { BulkOutcome, BulkTokens, Token } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, part } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { tokensWords } from '../../words/tokens.ts';
import { ending } from '../access/made-too.tsx';
import { useQuestion } from '../access/question.tsx';
import { renewing } from '../access/renewing.ts';
import type { RowAction } from '../access/row-menu.tsx';
import { useTokenRights } from './rights.ts';

const words = tokensWords;

type Action = BulkTokens['action'];

export interface Acts {
  /** The menu of one row. */
  of: (token: Token) => (RowAction | false)[];
  /** Asks, then does it to all of these. */
  toMany: (action: Action, tokens: readonly Token[]) => void;
  /** The dialogs, to be placed on the page. */
  dialogs: ReactNode;
}

/** `onDone` is called after an act on many. */
export function useActions(onDone: () => void): Acts {
  const rightsTo = useTokenRights();
  const [question, ask] = useQuestion('/v1/tokens', '/v1/journal');
  const [outcome, setOutcome] = useState<readonly [BulkOutcome, readonly Token[]] | null>(null);

  const deactivate = ({ id, name }: Token) =>
    ask({
      what: 'token',
      title: words.ask.deactivate(name),
      text: words.ask.deactivateText,
      go: words.act.deactivate,
      isDangerous: true,
      done: words.done.deactivate(1),
      madeBy: { list: '/v1/tokens', id },
      act: (options) => api.post(ending(`/v1/tokens/${part(id)}/deactivate`, options)),
    });
  const remove = ({ id, name }: Token) =>
    ask({
      what: 'token',
      title: words.ask.delete(name),
      text: words.ask.deleteText,
      go: words.act.delete,
      isDangerous: true,
      done: words.done.delete(1),
      madeBy: { list: '/v1/tokens', id },
      act: (options) => api.delete(ending(`/v1/tokens/${part(id)}`, options)),
    });
  const atOnce = (action: 'activate' | 'restore', { id }: Token) =>
    void renewing('token', ['/v1/tokens', '/v1/journal'], () => api.post(`/v1/tokens/${part(id)}/${action}`))
      .then(() => showDone(words.done[action](1)))
      .catch(showProblem);

  const toMany = (action: Action, tokens: readonly Token[]) => {
    const isEnding = action === 'deactivate' || action === 'delete';
    ask({
      what: 'token',
      title: words.ask[`${action}Many`](tokens.length),
      text: isEnding ? words.ask.manyText : words.ask[`${action}ManyText`],
      go: words.act[action],
      isDangerous: isEnding,
      ...(isEnding && { madeBy: 'many' }),
      act: async ({ descendants }) => {
        const ids = tokens.map(({ id }) => id);
        const body: BulkTokens = { ids, action, ...(descendants && { descendants }) };
        const done = await api.post<BulkOutcome>('/v1/tokens/bulk', body);
        if (done.failed.length > 0) setOutcome([done, tokens]);
        else showDone(words.done[action](done.done.length));
        onDone();
      },
    });
  };

  return {
    of: (token) => {
      const { mayChange, mayDelete } = rightsTo(token);
      if (token.deletedAt !== null) {
        return [mayDelete && { label: words.act.restore, icon: 'rotate', onClick: () => atOnce('restore', token) }];
      }
      return [
        mayChange &&
          token.deactivatedAt === null && {
            label: words.act.deactivate,
            icon: 'close',
            onClick: () => deactivate(token),
          },
        mayChange &&
          token.deactivatedAt !== null && {
            label: words.act.activate,
            icon: 'check',
            onClick: () => atOnce('activate', token),
          },
        mayDelete && { label: words.act.delete, icon: 'trash', isDangerous: true, onClick: () => remove(token) },
      ];
    },
    toMany,
    dialogs: (
      <>
        {question}
        <Dialog isOpen={outcome !== null} title={words.failed.title} onClose={() => setOutcome(null)}>
          {outcome !== null && <Failures outcome={outcome[0]} tokens={outcome[1]} />}
        </Dialog>
      </>
    ),
  };
}

/** The buttons while some rows are chosen. */
export function ManyActions({
  tokens,
  areDeleted,
  onAct,
  onClear,
}: {
  tokens: readonly Token[];
  areDeleted: boolean;
  onAct: (action: Action, tokens: readonly Token[]) => void;
  onClear: () => void;
}) {
  const actions: readonly Action[] = areDeleted ? ['restore'] : ['activate', 'deactivate', 'delete'];
  return (
    <>
      {actions.map((action) => (
        <Button key={action} variant="default" size="sm" onClick={() => onAct(action, tokens)}>
          {words.act[action]}
        </Button>
      ))}
      <Button variant="subtle" size="sm" onClick={onClear}>
        {words.act.cancel}
      </Button>
    </>
  );
}

function Failures({ outcome, tokens }: { outcome: BulkOutcome; tokens: readonly Token[] }) {
  const nameOf = (id: string) => tokens.find((token) => token.id === id)?.name ?? id;
  return (
    <>
      <Text mb="sm">{words.failed.text(outcome.done.length, outcome.failed.length)}</Text>
      <ul>
        {outcome.failed.map(({ id, detail }) => (
          <li key={id}>
            <Text component="span" fw={600}>
              {nameOf(id)}
            </Text>
            : {detail}
          </li>
        ))}
      </ul>
    </>
  );
}
