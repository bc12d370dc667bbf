// `keyward doctor`: looks at this machine's server, at the public address and through the API, whichever of them there are, and
// says for each thing that is not right what would mend it. It changes nothing.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { Client } from '../client/client.ts';
import { openClient, type PlaceOptions } from '../client/open.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { credentialsPath, profileName, readCredentials } from '../session/credentials-file.ts';
import { misuse } from '../terminal/command-error.ts';
import type { Outcome } from '../terminal/outcome.ts';
import { progressOf } from '../terminal/progress.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { lookAtAddress } from './address.ts';
import { lookThroughApi } from './api.ts';
import { type Finding, failureOf } from './finding.ts';
import { lookAtMachine } from './machine.ts';
import { lookAtNetworkTime } from './network-time.ts';
import { lineOf, summaryOf } from './report.ts';

interface Options extends PlaceOptions {
  url?: string;
  ntp?: string;
  json?: true;
}

const examples = `Examples:
  keyward doctor
  keyward doctor --data ./data
  keyward doctor --url https://auth.example.com --json
`;

export function addDoctor(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('doctor')
    .description('look for what is wrong with a server, and say what mends it')
    .addHelpText('before', `${examples}\n`)
    .option('--url <address>', 'the public address; default: that of the sign-in, or url of the settings')
    .option('--profile <name>', 'the sign-in to use, of several (KEYWARD_PROFILE)')
    .option('--ntp <host>', 'hold the clock of this machine against that time server')
    .option('--json', 'answer in JSON')
    .action(async (options: Options) => {
      const findings: Finding[] = [];
      for await (const finding of looks(terminal, options)) {
        findings.push(finding);
        if (options.json !== true) terminal.output.write(`${lineOf(terminal, finding)}\n`);
      }
      if (findings.length === 0) throw nothingToLookAt();
      const problems = findings.filter(({ status }) => status === 'problem').length;
      if (options.json === true) tell(terminal, true, { healthy: problems === 0, findings }, '');
      else terminal.output.write(`\n${summaryOf(findings)}\n`);
      outcome.code = problems === 0 ? 0 : 1;
    });
  addSettingFlags(command, ['data']);
}

async function* looks(terminal: Terminal, options: Options): AsyncGenerator<Finding> {
  let config: Config | null = null;
  try {
    config = configFrom({ ...options }, terminal);
  } catch (error) {
    yield failureOf('settings', error);
  }
  const isHere = config !== null && isOfThisMachine(config, terminal, options);
  if (config !== null && isHere) {
    yield { check: 'settings', status: 'ok', text: 'every one of them can be read', mend: null };
    const what = { what: 'Checking the journal', unit: 'entries', total: null };
    const progress = progressOf(terminal, options.json, what);
    try {
      yield* lookAtMachine(config, progress.at);
    } finally {
      progress.end();
    }
  }
  if (options.ntp !== undefined) yield await lookAtNetworkTime(options.ntp);
  const client = await signedIn(terminal, options);
  const url = options.url ?? client?.where ?? (isHere ? config?.url : null) ?? null;
  if (url !== null) yield* lookAtAddress(addressOf(url));
  if (client === null) return;
  try {
    if (url === client.where) yield* lookThroughApi(client);
  } finally {
    await client.close();
  }
}

/** Whether the server is one of this machine, as far as files tell. */
function isOfThisMachine({ data, database }: Config, { folder, environment }: Terminal, options: Options): boolean {
  if (options.data !== undefined || options.config !== undefined || environment.KEYWARD_CONFIG) return true;
  return database !== null || existsSync(join(data, 'keyward.db')) || existsSync(resolve(folder, 'keyward.yaml'));
}

/** The API as whoever is signed in; null where nobody is. */
async function signedIn(terminal: Terminal, { profile }: Options): Promise<Client | null> {
  const { environment } = terminal;
  const isSignedIn =
    Boolean(environment.KEYWARD_TOKEN) ||
    readCredentials(credentialsPath(environment), profileName(profile, environment)) !== null;
  if (!isSignedIn && profile === undefined) return null;
  return openClient(terminal, profile === undefined ? {} : { profile });
}

function addressOf(url: string): string {
  const isUsable = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isUsable) throw misuse(`--url is no address: ${url}`, 'Write it like https://auth.example.com');
  return new URL(url).origin;
}

function nothingToLookAt() {
  return misuse(
    'There is no server here to look at, and nobody is signed in to one.',
    'Name its data folder (--data), its settings (--config) or its address (--url), or sign in: keyward login',
  );
}
