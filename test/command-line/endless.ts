// A server in place of Keyward whose list has no end: a page at a time, for as long as somebody asks.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function startEndless() {
  let pages = 0;
  const server = createServer((_, response) => {
    pages += 1;
    const items = Array.from({ length: 50 }, (_, at) => ({ id: `${pages}-${at}`, name: `name ${pages}-${at}` }));
    response.writeHead(200, { 'content-type': 'application/json' });
    // As one that has something to do for it.
    setTimeout(() => response.end(JSON.stringify({ items, next: String(pages) })), 10);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    environment: {
      KEYWARD_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      KEYWARD_TOKEN: 'kw_of_nobody',
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
