// Every address of the portal and the page behind it. Pages are loaded when they are first gone to; what a page shows is
// its own affair.

import type { Session } from '@keyward/sdk/wire';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type SearchMiddleware,
} from '@tanstack/react-router';
import { actingFor, hrefIn, isActingPage, organizationIn } from './acting.ts';
import { ownPath, readParameters, writeParameters } from './address.ts';
import { Crashed } from './parts/crashed.tsx';
import { NotFound } from './parts/not-found.tsx';
import { Root } from './root.tsx';
import { queries, sessionQuery } from './session.ts';

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

const open = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => rootRoute, path, component });

/** The session, or to the page where one signs in and comes back from. */
async function demandSession({ href }: { href: string }): Promise<Session> {
  const session = await queries.ensureQueryData(sessionQuery);
  if (session !== null) return session;
  const to = ownPath(href);
  throw redirect({ to: '/sign-in', search: to === '/' ? {} : { to }, replace: true });
}

/** Where whoever is signed in answers somebody: without the frame, in which one could go elsewhere. */
const answer = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    component,
    beforeLoad: async ({ location }) => {
      await demandSession(location);
    },
  });

const signedIn = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: lazyRouteComponent(() => import('./shell.tsx'), 'Shell'),
  beforeLoad: async ({ location, preload }) => {
    const session = await demandSession(location);
    const named = isActingPage(location.pathname) ? organizationIn(location.searchStr) : null;
    const wanted = named === session.organization.id ? null : named;
    if (preload || wanted === actingFor) return;
    // Into another organization, or out of one: this page ends here.
    window.location.replace(hrefIn(wanted, location.href));
    await new Promise(() => {});
  },
});

/** Links within the pages for a customer stay in the organization; all others leave it. */
const carrying: SearchMiddleware<Record<string, string>> = ({ search: { organization }, next, search }) => {
  const wanted = next(search);
  return organization === undefined ? wanted : { organization, ...wanted };
};

const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({
    getParentRoute: () => signedIn,
    path,
    component,
    search: { middlewares: isActingPage(path) ? [carrying] : [] },
  });

const routeTree = rootRoute.addChildren([
  open(
    '/sign-in',
    lazyRouteComponent(() => import('./pages/signed-out/sign-in.tsx'), 'SignInPage'),
  ),
  open(
    '/set-up',
    lazyRouteComponent(() => import('./pages/signed-out/set-up.tsx'), 'SetUpPage'),
  ),
  open(
    '/welcome',
    lazyRouteComponent(() => import('./pages/signed-out/new-password.tsx'), 'NewPasswordPage'),
  ),
  open(
    '/new-password',
    lazyRouteComponent(() => import('./pages/signed-out/new-password.tsx'), 'NewPasswordPage'),
  ),
  answer(
    '/consent',
    lazyRouteComponent(() => import('./pages/consent/consent.tsx'), 'ConsentPage'),
  ),
  answer(
    '/device',
    lazyRouteComponent(() => import('./pages/consent/device.tsx'), 'DevicePage'),
  ),
  signedIn.addChildren([
    page(
      '/',
      lazyRouteComponent(() => import('./pages/home.tsx'), 'HomePage'),
    ),
    page(
      '/get-started',
      lazyRouteComponent(() => import('./pages/get-started.tsx'), 'GetStartedPage'),
    ),
    page(
      '/tokens',
      lazyRouteComponent(() => import('./pages/tokens.tsx'), 'TokensPage'),
    ),
    page(
      '/tokens/$id',
      lazyRouteComponent(() => import('./pages/token.tsx'), 'TokenPage'),
    ),
    page(
      '/api-users',
      lazyRouteComponent(() => import('./pages/api-users.tsx'), 'ApiUsersPage'),
    ),
    page(
      '/applications',
      lazyRouteComponent(() => import('./pages/applications.tsx'), 'ApplicationsPage'),
    ),
    page(
      '/applications/$id',
      lazyRouteComponent(() => import('./pages/application.tsx'), 'ApplicationPage'),
    ),
    page(
      '/people',
      lazyRouteComponent(() => import('./pages/people.tsx'), 'PeoplePage'),
    ),
    page(
      '/permissions',
      lazyRouteComponent(() => import('./pages/permissions.tsx'), 'PermissionsPage'),
    ),
    page(
      '/apis',
      lazyRouteComponent(() => import('./pages/apis.tsx'), 'ApisPage'),
    ),
    page(
      '/plans',
      lazyRouteComponent(() => import('./pages/plans.tsx'), 'PlansPage'),
    ),
    page(
      '/usage',
      lazyRouteComponent(() => import('./pages/usage.tsx'), 'UsagePage'),
    ),
    page(
      '/calls',
      lazyRouteComponent(() => import('./pages/calls/calls.tsx'), 'CallsPage'),
    ),
    page(
      '/journal',
      lazyRouteComponent(() => import('./pages/journal.tsx'), 'JournalPage'),
    ),
    page(
      '/webhooks',
      lazyRouteComponent(() => import('./pages/webhooks.tsx'), 'WebhooksPage'),
    ),
    page(
      '/webhooks/$id',
      lazyRouteComponent(() => import('./pages/webhook.tsx'), 'WebhookPage'),
    ),
    page(
      '/signing-keys',
      lazyRouteComponent(() => import('./pages/signing-keys.tsx'), 'SigningKeysPage'),
    ),
    page(
      '/verifiers',
      lazyRouteComponent(() => import('./pages/verifiers.tsx'), 'VerifiersPage'),
    ),
    page(
      '/settings',
      lazyRouteComponent(() => import('./pages/settings.tsx'), 'SettingsPage'),
    ),
    page(
      '/organizations',
      lazyRouteComponent(() => import('./pages/organizations.tsx'), 'OrganizationsPage'),
    ),
    page(
      '/account',
      lazyRouteComponent(() => import('./pages/account.tsx'), 'AccountPage'),
    ),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingMs: 400,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Crashed,
  scrollRestoration: true,
  parseSearch: readParameters,
  stringifySearch: writeParameters,
});
