// Where one can go: the shell's entries in their groups, and what each is for those who hold.

import type { Session } from '@keyward/sdk/wire';
import { actingFor, isActingPage } from './acting.ts';
import type { IconName } from './parts/icon.tsx';
import { holds } from './session.ts';
import { shellWords } from './words/shell.ts';

export interface Entry {
  to: string;
  label: string;
  icon: IconName;
  /** Shown to who holds any of these; to everyone if absent. */
  needs?: readonly string[];
  operatorsOnly?: true;
}

export interface Section {
  label: string | null;
  entries: readonly Entry[];
}

/** Any of them, in the operator's organization, shows the other organizations. */
export const operating = ['create:organization', 'update:organization', 'delete:organization', 'update:plan'];

/** Any of them, in the operator's organization, keeps the APIs and their catalogues. */
export const keepingApis = ['create:permission', 'update:permission', 'delete:permission'];

const { pages, groups } = shellWords;

/** The tabs of access management, in their order. */
export const accessEntries: readonly Entry[] = [
  {
    to: '/tokens',
    label: pages.tokens,
    icon: 'token',
    needs: ['manage:own_api_key', 'read:organization_api_key', 'create:organization_api_key'],
  },
  { to: '/api-users', label: pages.apiUsers, icon: 'robot', needs: ['read:api_user'] },
  {
    to: '/applications',
    label: pages.applications,
    icon: 'apps',
    needs: ['read:application', 'read:authorization'],
  },
  { to: '/people', label: pages.people, icon: 'people', needs: ['read:user', 'read:role'] },
  { to: '/permissions', label: pages.permissions, icon: 'shield', needs: ['read:permission'] },
];

export const sections: readonly Section[] = [
  { label: null, entries: [{ to: '/get-started', label: pages.getStarted, icon: 'start' }] },
  { label: groups.access, entries: accessEntries },
  {
    label: groups.traffic,
    entries: [
      { to: '/plans', label: pages.plans, icon: 'gauge', needs: ['read:plan', 'read:organization'] },
      { to: '/usage', label: pages.usage, icon: 'chart' },
      { to: '/calls', label: pages.calls, icon: 'clock' },
      { to: '/journal', label: pages.journal, icon: 'journal', needs: ['read:journal'] },
      { to: '/webhooks', label: pages.webhooks, icon: 'bell', needs: ['read:webhook'] },
    ],
  },
  {
    label: groups.server,
    entries: [
      { to: '/apis', label: pages.apis, icon: 'shield', needs: keepingApis, operatorsOnly: true },
      { to: '/signing-keys', label: pages.signingKeys, icon: 'pen', needs: ['read:signing_key'] },
      { to: '/verifiers', label: pages.verifiers, icon: 'radar', needs: ['follow:feed', 'read:journal'] },
      { to: '/settings', label: pages.settings, icon: 'gear', needs: ['read:organization'] },
      {
        to: '/organizations',
        label: pages.organizations,
        icon: 'building',
        needs: operating,
        operatorsOnly: true,
      },
    ],
  },
];

/** Whether an entry is shown in a session. For a customer these are the pages about what is an organization's own. */
export function isOpenTo(
  { permissions, organization }: Session,
  { to, needs, operatorsOnly }: Pick<Entry, 'to' | 'needs' | 'operatorsOnly'>,
): boolean {
  if (actingFor !== null && !isActingPage(to)) return false;
  if (needs !== undefined && !needs.some((one) => holds(permissions, one))) return false;
  return operatorsOnly !== true || organization.isOperator;
}
