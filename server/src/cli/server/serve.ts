// `keyward serve`: runs the server until a signal ends it.

import type { Command } from 'commander';
import { type Config, type SettingKey, settings } from '../../config/config.ts';
import { refuseDemoFolder, refuseDemoStore } from '../demo/file.ts';
import { loadServerModule, type Server } from '../installation/server-module.ts';
import { addSettingFlags, configFrom, settingFiles, settingsWithoutFlag } from '../installation/setting-flags.ts';
import type { Outcome } from '../terminal/outcome.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { untilStopped } from './graceful-shutdown.ts';
import { listen } from './listen.ts';
import { asWorker, isWorker, serveWithWorkers, type WorkerLink, workerCount } from './serve-workers.ts';
import { startupWarnings, tellWarnings } from './startup-warnings.ts';
import { type WatchedSettings, watchSettings } from './watch-settings.ts';

export function addServe(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('serve')
    .description('run the server')
    .option('--demo', 'fill an empty data folder with examples and print what to try')
    .option('--json', 'print the address as JSON')
    .addHelpText('after', settingsWithoutFlag)
    .action(async (options) => {
      const load = () => {
        latest = configFrom(options, terminal);
        return latest;
      };
      let latest = configFrom(options, terminal);
      const config = latest;
      // A path that is new leads to other files.
      const filesOf = () => settingFiles(options, terminal, latest);
      const isDemo = options.demo === true;
      if (!isDemo) refuseDemoFolder(config);
      const count = workerCount(config, isDemo);
      if (count > 1 && !isWorker()) {
        outcome.code = await serveWithWorkers(config, count, terminal, isDemo ? null : { files: filesOf, load });
        return;
      }
      outcome.code = await asWorker(async (worker) => {
        if (isDemo) return (await import('./serve-demo.ts')).serveDemo(config, terminal, options.json, worker);
        // Workers are told by their supervisor.
        const watched = watchSettings(worker === undefined ? filesOf : () => []);
        return serveConfigured(config, terminal, options.json, { watched, load }, worker);
      });
    });
  addSettingFlags(command, Object.keys(settings) as SettingKey[]);
}

/** Serves until a signal ends it; resolves with the exit code. */
async function serveConfigured(
  config: Config,
  terminal: Terminal,
  json: boolean | undefined,
  { watched, load }: { watched: WatchedSettings; load: () => Config },
  worker?: WorkerLink,
): Promise<number> {
  const { assemble } = await loadServerModule();
  const server = await assemble(config, { demo: false, ...(worker !== undefined && { worker }) });
  await refuseDemoStore(server, config);
  const warnings = startupWarnings(config, false);
  const url = await listen(server, config);
  const stopped = untilStopped((reason) => {
    watched.stop();
    return server.close(reason);
  }, terminal);
  watched.start(() => server.reload(load));
  if (worker === undefined || worker.place.isFirst) {
    tellWarnings(terminal, json, warnings);
    tell(terminal, json, { url }, `Keyward listens on ${url}`);
    if (config.dialects.native) await offerSetUp(server, terminal);
  }
  return stopped;
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
