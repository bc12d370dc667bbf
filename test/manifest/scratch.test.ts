// scratch
import { test } from 'vitest';
import { startServer } from '../server.ts';
import { readState } from '../../server/src/cli/manifest/state/read-state.ts';
import { toDocument } from '../../server/src/cli/manifest/exporting/documents.ts';
import { writeYaml } from '../../server/src/cli/manifest/exporting/write-yaml.ts';
import { readManifest } from '../../server/src/cli/manifest/model/read-manifest.ts';
import { makePlan } from '../../server/src/cli/manifest/plan/plan.ts';
import { showPlan } from '../../server/src/cli/manifest/showing/show-plan.ts';
import { kinds } from '../../server/src/cli/manifest/model/thing.ts';
import { carryOut } from '../../server/src/cli/manifest/applying/run.ts';

test('x', async () => {
  const server = await startServer({ permissions: ['read:a', 'write:a'] });
  try {
    const login = await (await fetch(`${server.url}/v1/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: server.owner.email, password: server.owner.password }) })).json() as any;
    const asking = {
      send: (method: string, path: string, { query, body, headers }: any = {}) => {
        const q = query === undefined ? '' : `?${new URLSearchParams(query)}`;
        return fetch(`${server.url}${path}${q}`, { method, headers: { authorization: `Bearer ${login.accessToken}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) });
      },
    };
    const all = { nameFor: (o: any) => o.name, kindsIn: () => new Set(kinds), withFederated: () => true, demanded: new Set<any>() };
    const state = await readState(asking as any, all);
    const text = writeYaml(toDocument(state.found), ['hello']);
    console.log(text);
    const m = readManifest([{ file: 'x.yaml', text }]);
    const problems: any[] = [];
    const plan = makePlan(m, state, { prune: new Set(kinds), now: Date.now() }, problems);
    console.log(problems, showPlan(plan, (_, t) => t));
    const more = `
apis:
  - handle: shop
    permissions:
      read:orders: See orders
      write:orders: { description: Change, group: Orders }
plans:
  - { id: gold, limits: [{ limit: 10, window: 1h, per: contributor, cap: 100 }], entitlement: ['*:orders', read:a] }
organizations:
  - name: acme
    operator: true
    apiUsers:
      - { name: robot, role: admin }
    tokens:
      - { name: mine, permissions: [read:orders], expiresAt: 2030-01-01, limits: [{ limit: 5, window: 60s }] }
  - name: cust
    plan: gold
    externalId: c-1
    metadata: { a: 1, b: [x, y] }
    longestTokenLifetime: 90d
    roles:
      - { name: deployer, permissions: [read:orders, 'read:*'] }
    users:
      - { email: Boss@cust.example, name: Boss, role: owner }
      - { email: joe@cust.example, name: Joe, role: deployer, active: false }
    apiUsers:
      - name: till
        externalId: till-7
        role: deployer
        federatedCredentials:
          - name: ci
            issuer: https://token.actions.githubusercontent.com
            conditions: { sub: 'repo:acme/shop:*' }
    applications:
      - { name: App, type: confidential, redirectUris: ['https://a.example/cb'], permissions: [read:orders] }
    tokens:
      - name: Deploy
        owner: { apiUser: till }
        permissions: [read:orders]
        addresses: [192.0.2.0/24, '2001:db8::/32']
        apis: [shop]
        active: false
`;
    const m2 = readManifest([{ file: 'y.yaml', text: more }]);
    const go = async () => {
      const st = await readState(asking as any, { ...all, nameFor: (o: any) => (o.isOperator ? 'acme' : o.name === 'cust' ? 'cust' : null) });
      const pr: any[] = [];
      const p2 = makePlan(m2, st, { prune: new Set(), now: Date.now() }, pr);
      console.log(pr, showPlan(p2, (_, t) => t));
      if (pr.length) return;
      const out = await carryOut(p2, { asking: asking as any, isOwn: st.isOwn, runId: 'r1', secrets: { keep: async (x) => console.log(x), end: async () => {} } });
      console.log(out.done.length, out.refused && [out.refused.text, out.refused.path, out.refused.step.kind], out.left.length);
    };
    await go();
    await go();
    const st3 = await readState(asking as any, all);
    console.log(writeYaml(toDocument(st3.found), ['hello']));
  } finally { await server.stop(); }
}, 60000);
