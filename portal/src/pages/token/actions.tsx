// The buttons of a token's page: a new secret, on and off, rename, give away, delete.

import type { RotatedToken, Token } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { lazy, useState } from 'react';
import { api, part } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { WhenOpened } from '../../parts/when-opened.tsx';
import { useMay } from '../../session.ts';
import { rotationWords } from '../../words/rotation.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { ending } from '../access/made-too.tsx';
import { useQuestion } from '../access/question.tsx';
import { renewing } from '../access/renewing.ts';
import { RowMenu } from '../access/row-menu.tsx';
import { Rotate } from '../rotation/rotate.tsx';
import { MadeToken } from '../tokens/made.tsx';
import { useTokenRights } from '../tokens/rights.ts';
import { RenameToken } from './rename.tsx';

const words = tokenWords;
const GiveToken = lazy(async () => ({ default: (await import('./give.tsx')).GiveToken }));

export function TokenActions({ token }: { token: Token }) {
  const { id, name } = token;
  const active = token.deactivatedAt === null;
  const { mayChange, mayDelete } = useTokenRights()(token);
  const mayGive = useMay('update:organization_api_key');
  const navigate = useNavigate();
  const [question, ask] = useQuestion('/v1/tokens', '/v1/journal');
  const [isRotating, rotation] = useDisclosure(false);
  const [isRenaming, renaming] = useDisclosure(false);
  const [isGiving, giving] = useDisclosure(false);
  const [made, setMade] = useState<RotatedToken | null>(null);
  const path = `/v1/tokens/${part(id)}`;
  const madeBy = { list: '/v1/tokens', id } as const;

  const activate = () =>
    void renewing('token', ['/v1/tokens', '/v1/journal'], () => api.post(`${path}/activate`))
      .then(() => showDone(tokensWords.done.activate(1)))
      .catch(showProblem);
  const deactivate = () =>
    ask({
      what: 'token',
      title: tokensWords.ask.deactivate(name),
      text: tokensWords.ask.deactivateText,
      go: words.act.deactivate,
      isDangerous: true,
      done: tokensWords.done.deactivate(1),
      madeBy,
      act: (options) => api.post(ending(`${path}/deactivate`, options)),
    });
  const remove = () =>
    ask({
      what: 'token',
      title: tokensWords.ask.delete(name),
      text: tokensWords.ask.deleteText,
      go: words.act.delete,
      isDangerous: true,
      done: tokensWords.done.delete(1),
      madeBy,
      act: async (options) => {
        await api.delete(ending(path, options));
        await navigate({ to: '/tokens' });
      },
    });
  return (
    <>
      {mayChange && (
        <>
          <Button variant="default" onClick={active ? deactivate : activate}>
            {active ? words.act.deactivate : words.act.activate}
          </Button>
          <Button leftSection={<Icon name="rotate" size={16} />} onClick={rotation.open}>
            {words.act.rotate}
          </Button>
        </>
      )}
      <RowMenu
        as="button"
        name={name}
        actions={[
          mayChange && { label: words.act.rename, icon: 'pen', onClick: renaming.open },
          mayGive && { label: words.act.give, icon: 'person', onClick: giving.open },
          mayDelete && { label: words.act.delete, icon: 'trash', isDangerous: true, onClick: remove },
        ]}
      />
      {question}
      <Dialog isOpen={isRotating} title={rotationWords.token.rotate.title} onClose={rotation.close}>
        <Rotate<RotatedToken>
          noun="token"
          of={token}
          onCancel={rotation.close}
          onMade={(rotated) => {
            rotation.close();
            setMade(rotated);
          }}
        />
      </Dialog>
      <Dialog isOpen={isRenaming} title={words.rename.title} onClose={renaming.close}>
        <RenameToken token={token} onClose={renaming.close} />
      </Dialog>
      <WhenOpened isOpen={isGiving}>
        <GiveToken token={token} isOpen={isGiving} onClose={giving.close} />
      </WhenOpened>
      <MadeToken
        made={made}
        title={rotationWords.token.rotate.made}
        note={token.readable ? words.rotate.noteReadable : rotationWords.token.rotate.note}
        onClose={() => setMade(null)}
      />
    </>
  );
}
