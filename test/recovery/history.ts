// A random history of a server before a backup and after it, and an oracle that asks for each thing that somebody holds in every
// way that it is good for. For tests only.

import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { Secret, TOTP } from 'otpauth';
import type { PreparedSecondFactor, RecoveryCodes } from '../../sdk/src/wire.ts';
import { type Caller, systemIn } from '../../server/src/core/caller/caller.ts';
import { KeywardError } from '../../server/src/core/errors.ts';
import { type TestServer, unlimited } from '../server.ts';
import { call, signIn } from '../wire/native/calls.ts';
import { openSessionClient, signedIn } from '../wire/native/session-client.ts';
import {
  codeFor,
  grantedTo,
  redeem,
  refresh,
  register,
  type TestApplication,
} from '../wire/oauth2/application-flow.ts';
import { apiUserClient, post, sealedType, tokenFor } from '../wire/oauth2/clients.ts';
import {
  assertionType,
  grant,
  importedPeople,
  importedTokens,
  isIssued,
  isTaken,
  outsideTokens,
  type Place,
  passing,
} from './more-held.ts';
import type { Random, Way } from './ways.ts';

export interface World {
  ways: Way[];
  /** One change at random; what it was. */
  act(): Promise<string>;
  /** To be told when the backup is made. */
  backedUp(): void;
}

/** An organization with people, API users, tokens, applications, and what came from elsewhere. */
export async function newWorld(server: TestServer, random: Random): Promise<World> {
  const { core } = server;
  const plan = `plan-${randomUUID().slice(0, 8)}`;
  await core.createPlan(systemIn(), { id: plan, name: 'Plan', limits: [], entitlement: ['*:*'] });
  const customer = await core.createOrganization(systemIn(), {
    name: `c-${randomUUID().slice(0, 8)}`,
    planId: plan,
    contributors: 1,
  });
  const system = systemIn(customer);
  await core.createRole(system, { name: 'clerk', description: '', permissions: ['read:funds', 'write:funds'] });
  const ways: Way[] = [];
  const ended = new Set<string>();

  const person = async (role: string) => {
    const email = `${randomUUID()}@people.example`;
    const { user, password } = await core.createUser(system, { email, name: 'P', role });
    return { id: user.id, email, password };
  };
  const owner = await person('owner');
  const people = [await person('clerk'), await person('member')];
  const asPerson = async ({ id }: { id: string }): Promise<Caller> => server.callerFor({ type: 'user', id });
  for (const one of [owner, ...people]) {
    ways.push({
      name: `password of ${one.email}`,
      ask: async () => {
        const answer = await call(server, 'POST', '/v1/login', undefined, { email: one.email, password: one.password });
        return answer.status === 200;
      },
    });
  }

  // One with a second factor, and its codes.
  const guarded = await person('member');
  const page = await signedIn(server, guarded);
  const { password } = guarded;
  const prepared = await page.ask<PreparedSecondFactor>('POST', '/v1/self/second-factor', { password });
  const { secret } = prepared.body;
  const codeNow = () => TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: server.clock.now() });
  const { body } = await page.ask<RecoveryCodes>('POST', '/v1/self/second-factor/confirmation', { code: codeNow() });
  const withCode = async (code: string) => {
    const { email } = guarded;
    return (await openSessionClient(server).ask('POST', '/v1/session', { email, password, code })).status === 200;
  };
  // Whoever has none signs in with any code: removed before the backup it is not what a restore could revive.
  const factor = { isRemoved: false, wasRemoved: false };
  const hasFactorEnded = () => factor.isRemoved && !factor.wasRemoved;
  ways.push({
    name: 'second factor',
    // A code is good once: the clock is turned before each round of asking.
    ask: () => withCode(codeNow()),
    hasEnded: hasFactorEnded,
  });
  for (const code of body.recoveryCodes.slice(0, 2)) {
    ways.push({
      name: `recovery code ${code}`,
      ask: () => withCode(code),
      hasEnded: () => hasFactorEnded() || (ended.has(code) && !factor.wasRemoved),
    });
  }

  // API users: password, client assertion, access tokens.
  const robots: { id: string; username: string; secret: string }[] = [];
  for (const role of ['clerk', 'member']) {
    const robot = await apiUserClient(server, role, system);
    robots.push(robot);
    ways.push({
      name: `password of API user ${robot.id}`,
      ask: () => isIssued(post(server, '/oauth/token', grant, robot)),
    });
    for (const type of [undefined, sealedType]) {
      const token = await tokenFor(server, robot, type === undefined ? {} : { requested_token_type: type });
      ways.push({ name: `access token of API user ${robot.id}`, ask: () => isTaken(server, token), isPassing: true });
    }
  }
  const keyed = robots[0] as (typeof robots)[number];
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  const federated = await core.createFederatedCredential(system, keyed.id, {
    name: 'own',
    issuer: null,
    jwks: { keys: [jwk] },
  });
  ways.push({
    name: 'client assertion',
    ask: async () => {
      const assertion = await new SignJWT({})
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(keyed.id)
        .setSubject(keyed.id)
        .setAudience(`${server.url}/oauth/token`)
        .setJti(randomUUID())
        .setIssuedAt(Math.floor(server.clock.now() / 1000))
        .setExpirationTime(Math.floor(server.clock.now() / 1000) + 60)
        .sign(createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })));
      const parameters = {
        ...{ ...grant, client_id: keyed.id },
        client_assertion_type: assertionType,
        client_assertion: assertion,
      };
      return isIssued(post(server, '/oauth/token', parameters));
    },
  });

  // API tokens, by permission and address; two of them in the middle of a rotation.
  const tokens: { id: string }[] = [];
  for (let n = 0; n < 5; n += 1) {
    const maker = unlimited(await asPerson(random.pick([owner, people[0] as typeof owner])));
    const permissions = ['read:funds', 'write:funds'];
    const made = await core.createApiToken(maker, { name: `t${n}`, permissions, use: 'both' });
    const secrets = [made.secret];
    if (n < 2) {
      const rotated = await core.rotateApiToken(maker, { id: made.token.id }, day);
      secrets.push(rotated.secret);
    }
    tokens.push({ id: made.token.id });
    for (const one of secrets) {
      for (const permission of permissions) {
        ways.push({
          name: `token ${n}, ${permission}`,
          ask: async () => (await core_().inspect(one, { permissions: [permission], address: '203.0.113.7' })).allowed,
        });
      }
    }
    const exchanged = await isIssuedTo({ id: made.token.id, secret: made.secret });
    if (exchanged !== null)
      ways.push({ name: `access token of token ${n}`, ask: () => isTaken(server, exchanged), isPassing: true });
  }

  // An application with a session, a code that waits, and its secret.
  const application = await register(server, {}, await asPerson(owner));
  const browser = await signedIn(server, owner);
  const granted = await grantedTo(server, application, {}, browser);
  const waiting = await codeFor(server, application, {}, browser);
  ways.push(
    { name: 'application’s access token', ask: () => isTaken(server, granted.access), isPassing: true },
    {
      name: 'refresh token',
      ask: () => isIssued(refresh(server, application, granted.refresh)),
      isPassing: true,
      hasEnded: () => false,
    },
    { name: 'code', ask: () => isIssued(redeem(server, application, waiting)), isPassing: true, hasEnded: () => false },
    { name: 'application’s secret', ask: () => isClient(application) },
    { name: 'cookie', ask: async () => (await browser.ask('GET', '/v1/session')).status === 200, isPassing: true },
  );
  const place: Place = { server, random, system, owner, asOwner: await asPerson(owner), browser };
  const old = await importedPeople(place);
  const imported = await importedTokens(place);
  const more = [old, imported, await outsideTokens(place, keyed), await passing(place)];
  tokens.push(...imported.tokens);
  robots.push(old.robot);
  people.push(old.person);
  ways.push(...more.flatMap((one) => one.ways));
  const bearer = await signIn(server, owner);
  ways.push({ name: 'sign-in', ask: () => isTaken(server, bearer), isPassing: true });

  function core_() {
    return server.core;
  }
  async function isIssuedTo(client: { id: string; secret: string }): Promise<string | null> {
    const answer = await post(server, '/oauth/token', grant, { ...client, id: client.id });
    return answer.status === 200 ? answer.body.access_token : null;
  }
  /** A client that is known is told that the refresh token is wrong, and not that it is. */
  async function isClient(client: TestApplication): Promise<boolean> {
    return (await refresh(server, client, 'kwr_nothing')).body?.error === 'invalid_grant';
  }

  const one = <T>(all: readonly T[]) => random.pick(all);
  const acts: Record<string, () => Promise<unknown>> = {
    'deactivate a token': () => core_().deactivateApiToken(system, one(tokens)),
    'activate a token': () => core_().activateApiToken(system, one(tokens)),
    'delete a token': () => core_().deleteApiToken(system, one(tokens)),
    'restore a token': () => core_().restoreApiToken(system, one(tokens).id),
    'narrow a token': () =>
      core_().updateApiToken(system, one(tokens), { permissions: one([['read:funds'], [], ['write:funds']]) }),
    'bind a token to an address': () =>
      core_().updateApiToken(system, one(tokens), { addresses: one([['198.51.100.0/24'], []]) }),
    'let a token only be exchanged': () =>
      core_().updateApiToken(system, one(tokens), { use: one(['exchange', 'both']) }),
    'rotate a token': () => core_().rotateApiToken(system, one(tokens), 0),
    'rotate a token with an overlap': () => core_().rotateApiToken(system, one(tokens), day),
    'end an overlap': () => core_().endOverlap(system, one(tokens).id),
    'hand a token over': () =>
      core_().updateApiToken(system, one(tokens), { owner: { type: 'user', id: one(people).id } }),
    'deactivate an API user': () => core_().deactivateApiUser(system, one(robots).id),
    'activate an API user': () => core_().activateApiUser(system, one(robots).id),
    'delete an API user': () => core_().deleteApiUser(system, one(robots).id),
    'rotate an API user': () => core_().rotateApiUser(system, one(robots).id, 0),
    'narrow an API user': () => core_().updateApiUser(system, one(robots).id, { role: 'viewer' }),
    'deactivate a user': () => core_().deactivateUser(system, one(people).id),
    'activate a user': () => core_().activateUser(system, one(people).id),
    'delete a user': () => core_().deleteUser(system, one(people).id),
    'reset a password': () => core_().resetPassword(system, one([...people, owner]).id),
    'narrow a user': () => core_().updateUser(system, one(people).id, { role: 'viewer' }),
    'narrow a role': () => core_().updateRole(system, 'clerk', { permissions: one([['read:funds'], []]) }),
    'remove a second factor': async () => {
      await core_().removeSecondFactor(system, guarded.id);
      factor.isRemoved = true;
    },
    'use a recovery code': async () => {
      const code = one(body.recoveryCodes.slice(0, 2));
      if (await withCode(code)) ended.add(code);
    },
    'take from a plan': () => core_().updatePlan(systemIn(), plan, { entitlement: one([['read:*'], []]) }),
    'entitle to less': () =>
      core_().updateOrganization(systemIn(), customer.id, { entitlement: one([['read:funds'], []]) }),
    'deactivate the organization': () => core_().deactivateOrganization(systemIn(), customer.id),
    'activate the organization': () => core_().activateOrganization(systemIn(), customer.id),
    'rotate an application': () => core_().rotateApplicationSecret(system, application.id),
    'deactivate an application': () => core_().deactivateApplication(system, application.id),
    'delete an application': () => core_().deleteApplication(system, application.id),
    'end a federated credential': () => core_().deleteFederatedCredential(system, federated.id),
    'revoke a signing key': async () => {
      const keys = (await core_().listSigningKeys(systemIn())).filter(({ revokedAt }) => revokedAt === null);
      await core_().revokeSigningKey(systemIn(), one(keys).kid);
    },
    'end an authorization': async () => {
      const { items } = await core_().listAuthorizations(system, { limit: 10 }, {});
      if (items[0] !== undefined) await core_().endAuthorization(system, items[0].id);
    },
  };
  for (const one of more) Object.assign(acts, one.acts);
  return {
    ways,
    backedUp: () => {
      factor.wasRemoved = factor.isRemoved;
    },
    async act() {
      const name = one(Object.keys(acts));
      try {
        await acts[name]?.();
        return name;
      } catch (error) {
        // What is deleted cannot be changed any more.
        if (error instanceof KeywardError && error.code !== 'unavailable') return `${name} (${error.code})`;
        throw error;
      }
    },
  };
}

const day = 24 * 3_600_000;
