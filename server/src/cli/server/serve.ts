// `keyward serve`: runs the server until a signal ends it.

import type { Command } from 'commander';
import { type SettingKey, settings } from '../../config/config.ts';
import { refuseDemoFolder, refuseDemoStore } from '../demo/file.ts';
import { loadServerModule, type Server } from '../installation/server-module.ts';
import { addSettingFlags, configFrom, settingsWithoutFlag } from '../installation/setting-flags.ts';
import type { Outcome } from '../terminal/outcome.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { untilStopped } from './graceful-shutdown.ts';
import { listen } from './listen.ts';
import { startupWarnings, tellWarnings } from './startup-warnings.ts';

export function addServe(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('serve')
    .description('run the server')
    .option('--demo', 'fill an empty data folder with examples and print what to try')
    .option('--json', 'print the address as JSON')
    .addHelpText('after', settingsWithoutFlag)
    .action(async (options) => {
      const config = configFrom(options, terminal);
      if (options.demo === true) {
        const { serveDemo } = await import('./serve-demo.ts');
        outcome.code = await serveDemo(config, terminal, options.json);
        return;
      }
      refuseDemoFolder(config);
      const { assemble } = await loadServerModule();
      const server = await assemble(config, { demo: false });
      await refuseDemoStore(server, config);
      const warnings = startupWarnings(config, false);
      const url = await listen(server, config);
      const stopped = untilStopped((reason) => server.close(reason), terminal);
      tellWarnings(terminal, options.json, warnings);
      tell(terminal, options.json, { url }, `Keyward listens on ${url}`);
      if (config.dialects.native) await offerSetUp(server, terminal);
      outcome.code = await stopped;
    });
  addSettingFlags(command, Object.keys(settings) as SettingKey[]);
}

/** While nobody owns the server: a link for whoever sees this terminal. It is printed, never logged. */
async function offerSetUp({ core }: Server, { errors }: Terminal): Promise<void> {
  const link = await core.makeSetUpLink();
  if (link === null) return;
  errors.write(
    `This server has no owner yet. To become it, open this link within the hour; it works once:\n${link.url}\n`,
  );
  if (link.url.startsWith('http:')) {
    errors.write(
      'A browser needs HTTPS for that: give this server a certificate (--tls-cert, --tls-key) or a proxy in front that has\n' +
        'one (--url, --trusted-proxies). Without a browser, stop it and run keyward init.\n',
    );
  }
}
