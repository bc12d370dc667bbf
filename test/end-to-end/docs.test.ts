// Every shell block of the pages under docs/ is run, in the order in which a reader meets it. A block marked `serves`
// starts a server in a terminal of its own; a block marked with a file's name is that file. A curl succeeds
// unless a comment at the end of its line promises another status. Only addresses, ports and credentials are replaced.

import { appendFileSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { sharedPostgres } from '../postgres.ts';
import { blocksIn, promisedStatuses, readPage, sectionOf } from './docs-page.ts';
import { build, type Demo, startDemo } from './program.ts';
import { freePort, freshPlace, type Place, root, statusesIn, whyNot } from './run.ts';
import { openShell, type Served, serve } from './shell.ts';

const noCurl = await whyNot('curl', ['--version']);
/** install.test.ts runs the one that begins in a clone. */
const pages = globSync('docs/**/*.md', { cwd: root, exclude: ['docs/install.md'] }).sort();
const isServing = (page: string) => blocksIn(readPage(page)).some(({ note }) => note === 'serves');
const [functions = ''] = blocksIn(sectionOf(readPage('README.md'), '## A tour of five minutes')).map(
  ({ text }) => text,
);

/** Runs all blocks of a page in a place. `ours` replaces what stands for the reader's own in blocks that serve nothing. */
async function runPage(page: string, place: Place, preamble: string, ours: (text: string) => string) {
  const shell = openShell({ ...place, environment: { ...place.environment, KEYWARD_PORT: '' } });
  const servers: { isKeyward: boolean; served: Served }[] = [];
  let url: string | undefined;
  try {
    expect(await shell.run(preamble)).toMatchObject({ code: 0 });
    for (const { language, note, text, line } of blocksIn(readPage(page))) {
      if (language !== 'sh') {
        if (note !== '') {
          mkdirSync(dirname(join(place.folder, note)), { recursive: true });
          writeFileSync(join(place.folder, note), ours(text));
        }
        continue;
      }
      if (note === 'serves') {
        const isKeyward = text.includes('keyward serve');
        for (const server of servers) if (isKeyward && server.isKeyward) await server.served.stop();
        const served = await serve(place, ours(text));
        servers.push({ isKeyward, served });
        if (isKeyward) url = served.url;
        continue;
      }
      const script = ours(url === undefined ? text : text.replaceAll('https://auth.example.com', url));
      const ran = await shell.run(script);
      const where = `${page}, line ${line}:\n${ran.errors}${ran.output}`;
      const promised = promisedStatuses(script);
      const statuses = statusesIn(ran).map((status, index) =>
        promised[index] === 'success' && status >= 200 && status < 300 ? 'success' : status,
      );
      expect([ran.code, statuses], where).toEqual([0, promised]);
    }
  } finally {
    shell.close();
    for (const { served } of servers) await served.stop();
  }
}

describe.skipIf(noCurl)(`the pages that start a server of their own${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  test.each(pages.filter(isServing))('%s runs as it is written', async (page) => {
    await build();
    const place = freshPlace();
    const { cert, key } = selfSigned();
    const files = {
      'cert.pem': cert,
      'key.pem': key,
      'cluster-ca.pem': cert,
      'password.txt': 'correct horse battery\n',
      'secrets.key': generateSealingKeys(),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place.folder, name), text);
    appendFileSync(join(place.folder, '.curlrc'), 'cacert = "cert.pem"\n');
    Object.assign(place.environment, { KEYWARD_PORT: '0', NODE_EXTRA_CA_CERTS: join(place.folder, 'cert.pem') });
    const database = page.includes('operating') ? await (await sharedPostgres()).createDatabase() : '';
    const port = await freePort();
    const ours = (text: string) =>
      text.replaceAll('postgres://keyward@db.example.com:5432/keyward', database).replaceAll('3000', String(port));
    try {
      await runPage(page, place, functions.replace(/^URL=.*$/m, ''), ours);
    } finally {
      place.remove();
    }
  });
});

describe.skipIf(noCurl)(`the pages beside a running demo${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  let server: Demo;
  beforeAll(async () => {
    server = await startDemo();
  });
  afterAll(() => server?.kill());

  test.each(pages.filter((page) => !isServing(page)))('%s runs as it is written', async (page) => {
    const { given = '', ours = {} } = await credentialsFor(page, server);
    const replacements = Object.entries({ 'https://keyward.example': server.url, ...ours });
    await runPage(page, server.place, `${functions}${given}`, (text) =>
      replacements.reduce((all, [written, own]) => all.replaceAll(written, () => own), text),
    );
  });
});

/** What a page takes for granted: variables that the reader has set, and words that stand for the reader's own. */
interface Given {
  given?: string;
  ours?: Record<string, string>;
}

async function credentialsFor(page: string, { url, demo }: Demo): Promise<Given> {
  const { debricked, parsers, versio, bluebricks, rebelcore } = demo;
  const post = async (path: string, headers: Record<string, string>, body: string | URLSearchParams = '') =>
    (await (await fetch(url + path, { method: 'POST', headers, body })).json()) as Record<string, string>;
  const json = { 'content-type': 'application/json' };
  switch (page) {
    case 'docs/dialects/debricked.md': {
      const form = new URLSearchParams({ _username: debricked.username, _password: debricked.password });
      const { token = '' } = await post('/api/login_check', {}, form);
      const authorization = { authorization: `Bearer ${token}` };
      await post('/api/1.0/open/access-tokens/', { ...json, ...authorization }, '{"description":"CI","access":[]}');
      const listed = await fetch(`${url}/api/1.0/open/access-tokens/`, { headers: authorization });
      const [{ tokenId = 0 } = {}] = (await listed.json()) as { tokenId?: number }[];
      return {
        given: `TOKEN=${token}\nACCESS_TOKEN=${debricked.accessToken}\n`,
        ours: {
          'me@example.com': debricked.username,
          'my password': debricked.password,
          '819855292': String(tokenId),
        },
      };
    }
    case 'docs/dialects/parsers.md': {
      const authorization = `Basic ${Buffer.from(`${parsers.apiKey}:`).toString('base64')}`;
      const { token } = await post('/v2/auth/token', { authorization });
      return {
        given: `TOKEN=${token}\nAPI_KEY=${parsers.apiKey}\n`,
        ours: { 'me@example.com': parsers.login, 'my password': parsers.password },
      };
    }
    case 'docs/dialects/versio.md':
      return { given: `TOKEN=${versio.token}\n` };
    case 'docs/dialects/bluebricks.md':
      return { given: `TOKEN=${bluebricks.bearer}\n` };
    case 'docs/dpop.md':
    case 'docs/oauth.md':
    case 'docs/dialects/oauth2.md': {
      const client = `CLIENT_ID=${rebelcore.username}\nCLIENT_SECRET=${rebelcore.password}\n`;
      return { given: `${client}API_TOKEN=${debricked.accessToken}\n` };
    }
    case 'docs/dialects/rebelcore.md': {
      const { username, password } = rebelcore;
      const { token = '' } = await post('/api/v1/authorize', json, JSON.stringify({ username, password }));
      return {
        ours: {
          'abcdef12-3456-7890-abcd-ef1234567890@api.keyward.local': username,
          '…48 characters…': password,
          'AT1…': token,
        },
      };
    }
    default: {
      const { email, password } = demo.owner;
      const { accessToken = '' } = await post('/v1/login', json, JSON.stringify({ email, password }));
      return {
        given: `TOKEN=${accessToken}\n`,
        ours: { 'ann@example.com': email, '"password":"…"': `"password":"${password}"`, 'kw_1iF6U…': parsers.apiKey },
      };
    }
  }
}
