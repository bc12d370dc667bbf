// `keyward serve --demo`: a server that has something to show. It fills an empty folder, guards a small API that runs
// in this process, and prints what to try.

import { startSmallApi } from '../../../../examples/small-api/api.ts';
import type { Config } from '../../config/config.ts';
import { type DemoCredentials, demoRoutes, demoToken, fillDemo, isFilled } from '../demo/data.ts';
import { type DemoFile, demoFilePath, readDemoFile, whatToTry, writeDemoFile } from '../demo/file.ts';
import { loadServerModule, type Server } from '../installation/server-module.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { untilStopped, withHangUp } from './graceful-shutdown.ts';
import { listen } from './listen.ts';
import type { WorkerLink } from './serve-workers.ts';
import { startupWarnings, tellWarnings } from './startup-warnings.ts';

/** Still below the hundred failures in a row that NIST SP 800-63B-4 allows at most. */
const demoSignInFailures = 90;

/** Serves until a signal ends it; resolves with the exit code. */
export async function serveDemo(
  config: Config,
  terminal: Terminal,
  json: boolean | undefined,
  worker?: WorkerLink,
): Promise<number> {
  const { assemble } = await loadServerModule();
  const api = await startSmallApi();
  try {
    const options = { demo: true, routes: demoRoutes(api.url), ...(worker !== undefined && { worker }) };
    const server = await assemble(forTrying(config), options);
    if (worker?.place.isFirst === false) return await serveFilled(server, config, terminal);
    const demo = await openDemo(server, config);
    const path = demoFilePath(config.data);
    const stopped = untilStopped((reason) => server.close(reason), terminal, withHangUp);
    tellWarnings(terminal, json, startupWarnings(config, true));
    tell(
      terminal,
      json,
      { url: demo.url, demo: path },
      `Keyward listens on ${demo.url}\n${whatToTry(demo, path, commandOf(terminal))}`,
    );
    return await stopped;
  } finally {
    await api.close();
  }
}

/** As a worker beside the one that has filled it. */
async function serveFilled(server: Server, config: Config, terminal: Terminal): Promise<number> {
  await listen(server, config);
  return untilStopped((reason) => server.close(reason), terminal, withHangUp);
}

/** How somebody calls this program who started it as this one was: through npm there is nothing on the PATH. */
function commandOf({ environment }: Terminal): string {
  return environment.npm_command === undefined ? 'keyward' : 'npx keyward';
}

/** Whoever tries things out gets passwords wrong on purpose, and often. */
function forTrying(config: Config): Config {
  return { ...config, signInFailures: Math.max(config.signInFailures, demoSignInFailures) };
}

async function openDemo(server: Server, config: Config): Promise<DemoFile> {
  try {
    const credentials = (await isFilled(server.store)) ? readDemoFile(config.data) : await fill(server, config.data);
    const url = await listen(server, config);
    const token = await demoToken(url, credentials.parsers.demoKey);
    const demo = { ...credentials, url, parsers: { ...credentials.parsers, demoToken: token } };
    writeDemoFile(config.data, demo);
    return demo;
  } catch (error) {
    await server.close();
    throw error;
  }
}

// Written before the port listens too, so that a start which dies in between loses no secret.
async function fill(server: Server, folder: string): Promise<DemoCredentials> {
  const credentials = await fillDemo(server);
  writeDemoFile(folder, credentials);
  return credentials;
}
