// `keyward doctor`: looks at this machine's server, at the public address and through the API, whichever of them there are, and
// says for each thing that is not right what would mend it. It changes nothing.

import { existsSync, readFileSync } from 'node:fs';
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
import { isThere, lookAtPrivateFile } from './files.ts';
import { type Finding, failureOf, findingsOf, wrongSettings } from './finding.ts';
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
  const asked = options.url === undefined ? null : addressOf(options.url);
  let config: Config | null = null;
  try {
    config = configFrom({ ...options }, terminal);
  } catch (error) {
    yield* wrongSettings(error);
  }
  const isHere = config !== null && isOfThisMachine(config, terminal, options);
  if (config !== null && isHere) {
    yield findingsOf('settings').ok('every one of them can be read');
    yield* lookAtSettingsFile(terminal, options);
    const what = { what: 'Checking the journal', unit: 'entries', total: null };
    const progress = progressOf(terminal, options.json, what);
    try {
      yield* lookAtMachine(config, progress.at);
    } finally {
      progress.end();
    }
  }
  if (options.ntp !== undefined) yield await lookAtNetworkTime(options.ntp);
  const signIn = await signedIn(terminal, options);
  if ('finding' in signIn) yield signIn.finding;
  const client = 'client' in signIn ? signIn.client : null;
  const url = asked ?? (client === null ? (config?.url ?? null) : addressOf(client.where));
  try {
    const answers = url !== null && (yield* lookAtAddress(url));
    if (client === null) return;
    if (url === addressOf(client.where)) {
      if (answers) yield* lookThroughApi(client);
    } else yield findingsOf('credential').skipped(`${client.who} is for ${client.where}, and not for ${url}`);
    yield* lookAtPrivateFile(credentialsPath(terminal.environment), 'which holds your sign-ins');
  } finally {
    await client?.close();
  }
}

/** Whether the server is one of this machine, as far as files tell. */
function isOfThisMachine({ data, database }: Config, { folder, environment }: Terminal, options: Options): boolean {
  const { KEYWARD_CONFIG, KEYWARD_DATA } = environment;
  if (options.data !== undefined || options.config !== undefined || KEYWARD_CONFIG || KEYWARD_DATA) return true;
  return database !== null || isThere(join(data, 'keyward.db')) || isThere(resolve(folder, 'keyward.yaml'));
}

/** The file may hold the password of the database. */
function* lookAtSettingsFile({ folder, environment }: Terminal, { config }: Options): Generator<Finding> {
  const path = resolve(folder, config ?? (environment.KEYWARD_CONFIG || 'keyward.yaml'));
  const holdsPassword = existsSync(path) && /postgres(?:ql)?:\/\/[^/@\s]*:[^@\s]*@/.test(readFileSync(path, 'utf8'));
  if (holdsPassword) yield* lookAtPrivateFile(path, 'which holds a password');
}

/** The API as whoever is signed in; nothing where nobody is, and a finding where that cannot be used. */
async function signedIn(
  terminal: Terminal,
  { profile }: Options,
): Promise<{ client: Client } | { finding: Finding } | Record<string, never>> {
  const { environment } = terminal;
  try {
    const isSignedIn =
      Boolean(environment.KEYWARD_TOKEN) ||
      readCredentials(credentialsPath(environment), profileName(profile, environment)) !== null;
    if (!isSignedIn && profile === undefined && !environment.KEYWARD_PROFILE) return {};
    return { client: await openClient(terminal, profile === undefined ? {} : { profile }) };
  } catch (error) {
    // Of the profile that was named something is to be told.
    if (profile !== undefined) throw error;
    return { finding: { ...failureOf('credential', error), status: 'skipped' } };
  }
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
