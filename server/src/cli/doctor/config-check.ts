// `keyward config check`: reads the settings as the server would and opens nothing but the files they name, so that a mistake
// is found before a restart.

import type { Command } from 'commander';
import { type Config, type SettingKey, settings } from '../../config/config.ts';
import { readAuthorities } from '../../startup/certificate-authorities.ts';
import { readSealingKeys } from '../../startup/sealing-keys.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { startupWarnings } from '../server/startup-warnings.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';

const examples = `Examples:
  keyward config check
  keyward config check --config /etc/keyward/keyward.yaml
`;

export function addConfig(program: Command, terminal: Terminal): void {
  const check = program
    .command('config')
    .description('the settings of the server')
    .command('check')
    .description('read them as the server would, without starting it')
    .addHelpText('before', `${examples}\n`)
    .option('--json', 'answer in JSON')
    .action(async (options: { json?: true }) => {
      const config = configFrom(options, terminal);
      if (config.outbound.ca !== null) readAuthorities(config.outbound.ca);
      if (config.secrets !== null) readSealingKeys(config.secrets, 'KEYWARD_SECRETS');
      const warnings = startupWarnings(config, false);
      const shown = shownSettings(config);
      const text = [
        'The settings can be used:',
        ...Object.entries(shown).map(([name, value]) => `  ${name.padEnd(24)} ${JSON.stringify(value)}`),
        ...warnings.map((warning) => `Warning: ${warning}`),
      ];
      tell(terminal, options.json, { valid: true, settings: shown, warnings }, text.join('\n'));
    });
  addSettingFlags(check, Object.keys(settings) as SettingKey[]);
}

/** What each setting came to; of a secret whether it is set. */
function shownSettings(config: Config): Record<string, unknown> {
  const { database, secrets, routes, tls, ...others } = config;
  return {
    ...others,
    tls,
    database: database === null ? 'sqlite' : withoutPassword(database),
    secrets: secrets === null ? 'in the data folder' : 'set',
    routes: routes.map(({ path, methods }) => ({ path, methods })),
  };
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  for (const name of url.searchParams.keys()) if (/password|key/i.test(name)) url.searchParams.set(name, '***');
  return url.href;
}
