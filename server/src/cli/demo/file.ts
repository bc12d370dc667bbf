// demo.json: the one file that holds secrets in clear, for trying things out. Written anew at every start, atomically,
// and readable by this user alone.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { replacePrivateFile } from '../../startup/private-file.ts';
import { makePrivateFolder } from '../../startup/private-folder.ts';
import type { Server } from '../installation/server-module.ts';
import { CommandError } from '../terminal/command-error.ts';
import { type DemoCredentials, isDemo } from './data.ts';

export interface DemoFile extends DemoCredentials {
  url: string;
  parsers: DemoCredentials['parsers'] & { demoToken: string };
}

export function demoFilePath(folder: string): string {
  return join(folder, 'demo.json');
}

/** What an earlier start made. Throws CommandError if the folder was filled by something else, or the file is lost. */
export function readDemoFile(folder: string): DemoCredentials {
  const path = demoFilePath(folder);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  try {
    return JSON.parse(text) as DemoCredentials;
  } catch (error) {
    throw new CommandError(
      `${folder} holds a database, but no demo.json that fits it: this is no demo folder, or its secrets are lost.`,
      'Choose an empty folder with --data, or leave out --demo to serve this one.',
      1,
      error,
    );
  }
}

/** Throws CommandError for a data folder that the demo has filled: its passwords lie in clear beside it. */
export function refuseDemoFolder({ data, database }: Config): void {
  const isMarked = existsSync(demoFilePath(data)) && existsSync(join(data, 'keyward.db'));
  if (database === null && isMarked) throw demoIsNotReal(`The data folder ${data}`);
}

/** The same by what is in the store, which it closes then: the mark may be gone, and a shared database has no folder. */
export async function refuseDemoStore(server: Pick<Server, 'store' | 'close'>, config: Config): Promise<void> {
  if (!(await isDemo(server.store))) return;
  await server.close('its data are those of the demo');
  throw demoIsNotReal(config.database === null ? `The data folder ${config.data}` : 'The database');
}

function demoIsNotReal(what: string): CommandError {
  return new CommandError(
    `${what} holds the data of the demo. Its passwords and tokens were printed and are in demo.json, so it is never served as real.`,
    'Choose another: --data ./keyward-data (KEYWARD_DATA), or another KEYWARD_DATABASE. To go on trying: keyward serve --demo',
  );
}

export function writeDemoFile(folder: string, content: DemoCredentials | DemoFile): void {
  makePrivateFolder(folder);
  replacePrivateFile(demoFilePath(folder), `${JSON.stringify(content, null, 2)}\n`);
}

/** What to try, as commands that can be pasted. */
export function whatToTry(demo: DemoFile, path: string, command = 'keyward'): string {
  const { url, debricked, parsers, versio, bluebricks, rebelcore, customers, verifier } = demo;
  const json = `-H 'Content-Type: application/json'`;
  const rows: [string, string][] = [
    [
      `The portal: open ${url}/ in a browser and sign in`,
      `# e-mail ${demo.owner.email}   password ${demo.owner.password}`,
    ],
    ['A public path, and a guarded one', `curl ${url}${demo.publicPath}\ncurl -i ${url}${parsers.guardedPath}`],
    [
      'Debricked: a JWT for a user name and password, or for a long-lived token',
      `curl -d _username=${debricked.username} -d _password=${debricked.password} ${url}/api/login_check\n` +
        `TOKEN=$(curl -s -d refresh_token=${debricked.accessToken} ${url}/api/login_refresh | cut -d '"' -f 4)\n` +
        `curl -H "Authorization: Bearer $TOKEN" ${url}${debricked.guardedPath}`,
    ],
    [
      'Parsers: a JWT for an API key; the demo token reaches the demo group only',
      `curl -X POST -u '${parsers.demoKey}:' ${url}/v2/auth/token\n` +
        `curl -H 'Authorization: Bearer ${parsers.demoToken}' ${url}${parsers.demoPath}`,
    ],
    [
      'Versio: a token in the header, or in the query',
      `curl -H 'Authorization: apiToken ${versio.token}' ${url}${versio.guardedPath}\n` +
        `curl '${url}${versio.guardedPath}?apiToken=${versio.token}'`,
    ],
    [
      'Bluebricks: create a long-lived token, list, deactivate',
      ['key', 'keys', 'key/deactivate']
        .map((path) => {
          const data = path === 'keys' ? '' : ` ${json} -d '{"name": "mine"}'`;
          return `curl -H 'Authorization: Bearer ${bluebricks.bearer}'${data} ${url}/api/v1/auth/${path}`;
        })
        .join('\n'),
    ],
    [
      'RebelCore: a day-long token for an API user',
      `TOKEN=$(curl -s ${json} -d '{"username": "${rebelcore.username}", "password": "${rebelcore.password}"}' ` +
        `${url}/api/v1/authorize | cut -d '"' -f 4)\n` +
        `curl -H "Authorization: Bearer $TOKEN" ${json} -d '{"prompt": "Hello", "spec_ids": []}' ${url}${rebelcore.inferPath}`,
    ],
    [
      'Two customers, asked about by the provider: what one is entitled to, the other is not',
      [customers.acme, customers.globex]
        .map(({ token }) => {
          const data = `'{"credential": "${token}", "permissions": ["read:funds"]}'`;
          return `curl -H 'Authorization: Bearer ${verifier.token}' ${json} -d ${data} ${url}/v1/verify`;
        })
        .join('\n'),
    ],
    [
      'OAuth 2.0: an access token for a client id and secret, for one permission',
      `TOKEN=$(curl -s -u ${rebelcore.username}:${rebelcore.password} -d grant_type=client_credentials -d scope=run:inference ` +
        `${url}/oauth/token | cut -d '"' -f 4)\n` +
        `curl -H "Authorization: Bearer $TOKEN" ${url}/v1/self`,
    ],
    [
      `The API reference, to read and to try: open ${url}/docs in a browser`,
      `# as OpenAPI ${url}/openapi.json   as a Postman collection ${url}/postman.json`,
    ],
    [
      'The command line',
      `printf %s '${demo.owner.password}' | ${command} login --url ${url} --email ${demo.owner.email} --password-stdin\n` +
        `${command} whoami`,
    ],
  ];
  const text = rows.map(([title, commands]) => `# ${title}\n${commands}`).join('\n\n');
  return `\n${text}\n\nThe same as JSON: ${path}\nThis is a demo: it answers plain HTTP, and only to this machine. Stop it with Ctrl-C.\n`;
}
