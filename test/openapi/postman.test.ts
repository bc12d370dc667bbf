// The Postman collection, as a newcomer uses it: the demo's server, its environment filled in with the demo's credentials,
// and every request sent in its order.

import newman, { type RunSummary } from 'newman';
import { expect, test } from 'vitest';
import { startDemo } from './demo-server.ts';

test('every request of the Postman collection works against the demo, twice in a row', async () => {
  const demo = await startDemo();
  try {
    const [collection, environment] = await Promise.all([
      fetchJson(`${demo.url}/postman.json`),
      fetchJson(`${demo.url}/postman-environment.json`),
    ]);
    const { owner, bluebricks, rebelcore } = demo.credentials;
    const own: Record<string, string> = {
      email: owner.email,
      password: owner.password,
      apiToken: bluebricks.bearer,
      apiUserUsername: rebelcore.username,
      apiUserPassword: rebelcore.password,
    };
    for (const variable of environment.values as { key: string; value: string }[]) {
      expect(variable.key === 'baseUrl' || variable.key in own, variable.key).toBe(true);
      variable.value ||= own[variable.key] ?? '';
    }
    expect((collection.item as { name: string }[]).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['native', 'debricked', 'parsers', 'bluebricks', 'rebelcore', 'server']),
    );
    for (const round of [1, 2]) {
      const { run } = await runCollection(collection, environment);
      const faults = run.failures.map(({ source, error }) => `${source?.name}: ${error.message}`);
      expect(faults, `in round ${round}`).toEqual([]);
      expect(run.stats.requests.total).toBeGreaterThan(100);
      expect(run.stats.assertions.total).toBeGreaterThan(run.stats.requests.total);
    }
  } finally {
    await demo.stop();
  }
});

async function fetchJson(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

function runCollection(collection: object, environment: object): Promise<RunSummary> {
  return new Promise((resolve, reject) => {
    newman.run({ collection, environment, timeoutRequest: 60_000 }, (error, summary) =>
      error === null ? resolve(summary) : reject(error),
    );
  });
}
