// Both examples of Versio's page, run as written: only the address and the token are ours. Its text lost the address on
// the way here; it is put back where `--url` takes it.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { filledIn } from './example.ts';
import { type Demo, startDemo } from './program.ts';
import { bash, type Ran, statusesIn, whyNot } from './run.ts';

const noCurl = await whyNot('curl', ['--version']);

const page = {
  header: `curl --request GET \\
  --url https://live.versio.io/api-versio.db/1.0/ENVIRONMENT \\
  --header 'Authorization: apiToken 8as7bf9a8s7498svaps8dfabsf' 
`,
  query: `curl --request GET \\
  --url 'https://live.versio.io/api-versio.db/1.0/ENVIRONMENT?apiToken=8as7bf9a8s7498svaps8dfabsf'
`,
};

let server: Demo;
beforeAll(async () => {
  server = await startDemo({ args: ['--log-level', 'debug'] });
});
afterAll(() => server?.kill());

function curl(example: string, credentials: { token?: string; environment?: string } = {}): Promise<Ran> {
  const { environment = server.demo.versio.environment, token } = credentials;
  const address = { 'https://live.versio.io': server.url, ENVIRONMENT: environment };
  return bash(server.place, filledIn(example, { ...address, ...(token && { '8as7bf9a8s7498svaps8dfabsf': token }) }));
}

const waysToSend = [
  ['in the header', page.header],
  ['as a query parameter', page.query],
] as const;

describe.skipIf(noCurl)(`Versio's examples${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  test.each(waysToSend)('the token %s opens the environment', async (_, example) => {
    const answer = await curl(example, { token: server.demo.versio.token });
    expect([answer.code, statusesIn(answer)]).toEqual([0, [200]]);
    expect(JSON.parse(answer.output)).toMatchObject({ environment: server.demo.versio.environment });
  });

  test.each(waysToSend)('without a valid token, permission or environment it is 401 %s', async (_, example) => {
    const { token, weakToken } = server.demo.versio;
    const answers = [
      await curl(example),
      await curl(example, { token: weakToken }),
      await curl(example, { token, environment: 'another' }),
    ];
    expect(answers.map(statusesIn)).toEqual([[401], [401], [401]]);
  });

  test('the query token is in no line of the log [S5]', async () => {
    const before = server.output().length;
    await curl(page.query, { token: server.demo.versio.token });
    await vi.waitFor(() => expect(server.output().slice(before)).toContain('answered'));
    expect(server.output().slice(before)).not.toContain(server.demo.versio.token);
  });
});
