// The demo's server in this process: what `keyward serve --demo` serves, without its words on the terminal.

import { startSmallApi } from '../../examples/small-api/api.ts';
import { type DemoCredentials, demoRoutes, fillDemo } from '../../server/src/cli/demo/data.ts';
import { assembleAt, newPlace } from '../assembled-server.ts';

export interface DemoServer {
  url: string;
  credentials: DemoCredentials;
  stop(): Promise<void>;
}

export async function startDemo(): Promise<DemoServer> {
  const place = await newPlace();
  const api = await startSmallApi();
  const server = await assembleAt({
    place,
    routes: demoRoutes(api.url),
    settings: { signInFailures: 1_000_000 },
  });
  const credentials = await fillDemo(server);
  const url = await server.listen();
  return {
    url,
    credentials,
    async stop() {
      await server.close();
      await api.close();
      place.remove();
    },
  };
}
