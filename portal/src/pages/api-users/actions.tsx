// What can be done with an API user, by the menu of its row.

import type { ApiUser, CreatedApiUser } from '@keyward/sdk/wire';
import { useNavigate } from '@tanstack/react-router';
import { api, part } from '../../api.ts';
import { showDone, showProblem } from '../../parts/notice.ts';
import { useMay } from '../../session.ts';
import { apiUsersWords } from '../../words/api-users.ts';
import { federatedWords } from '../../words/federated-credentials.ts';
import { ending } from '../access/made-too.tsx';
import { useQuestion } from '../access/question.tsx';
import { renewing } from '../access/renewing.ts';
import type { RowAction } from '../access/row-menu.tsx';

const words = apiUsersWords;
const paths = ['/v1/api-users', '/v1/journal'] as const;

export interface ActionHandlers {
  onEdit: (apiUser: ApiUser) => void;
  onDeactivate: (apiUser: ApiUser) => void;
  onRotate: (apiUser: ApiUser) => void;
  onOverlap: (apiUser: ApiUser) => void;
  onFederated: (apiUser: ApiUser) => void;
  onMade: (successor: CreatedApiUser) => void;
}

/** What the menu of a row offers, and the questions that it asks. */
export function useActions({ onEdit, onDeactivate, onRotate, onOverlap, onFederated, onMade }: ActionHandlers) {
  const navigate = useNavigate();
  const [question, ask] = useQuestion(...paths);
  const [mayCreate, mayUpdate, mayDelete, maySeeTokens, maySeeCalls] = [
    useMay('create:api_user'),
    useMay('update:api_user'),
    useMay('delete:api_user'),
    useMay('read:organization_api_key'),
    useMay('read:call'),
  ];
  const atOnce = (act: 'activate' | 'restore', id: string) =>
    void renewing('API user', paths, () => api.post(`/v1/api-users/${part(id)}/${act}`))
      .then(() => showDone(words.done[act]))
      .catch(showProblem);
  const succeed = ({ id, name }: ApiUser) =>
    ask({
      what: 'API user',
      title: words.successor.title(name),
      text: words.successor.text,
      go: words.successor.go,
      act: async () => onMade(await api.post<CreatedApiUser>(`/v1/api-users/${part(id)}/successor`)),
    });
  const remove = ({ id, name }: ApiUser) =>
    ask({
      what: 'API user',
      title: words.delete.title(name),
      text: words.delete.text,
      go: words.delete.go,
      isDangerous: true,
      done: words.delete.done,
      madeBy: { list: '/v1/api-users', id },
      act: (options) => api.delete(ending(`/v1/api-users/${part(id)}`, options)),
    });
  const actionsFor = (apiUser: ApiUser): (RowAction | false)[] => {
    const { id, deactivatedAt, deletedAt, rotation } = apiUser;
    if (deletedAt !== null) {
      return [mayDelete && { label: words.act.restore, icon: 'rotate', onClick: () => atOnce('restore', id) }];
    }
    const toTokens = () => void navigate({ to: '/tokens', search: { whose: 'all', owner: id } as never });
    const toCalls = () => void navigate({ to: '/calls', search: { credential: `api_user:${id}` } as never });
    return [
      mayUpdate && { label: words.act.edit, icon: 'pen', onClick: () => onEdit(apiUser) },
      maySeeTokens && { label: words.act.tokens, icon: 'token', onClick: toTokens },
      maySeeCalls && { label: words.act.calls, icon: 'clock', onClick: toCalls },
      mayUpdate && { label: words.act.rotate, icon: 'rotate', onClick: () => onRotate(apiUser) },
      mayUpdate && { label: federatedWords.act, icon: 'shield', onClick: () => onFederated(apiUser) },
      mayUpdate && rotation !== null && { label: words.act.overlap, icon: 'clock', onClick: () => onOverlap(apiUser) },
      mayCreate && { label: words.act.successor, icon: 'plus', onClick: () => succeed(apiUser) },
      mayUpdate &&
        (deactivatedAt === null
          ? { label: words.act.deactivate, icon: 'close', onClick: () => onDeactivate(apiUser) }
          : { label: words.act.activate, icon: 'check', onClick: () => atOnce('activate', id) }),
      mayDelete && { label: words.act.delete, icon: 'trash', isDangerous: true, onClick: () => remove(apiUser) },
    ];
  };
  return { question, actionsFor };
}
