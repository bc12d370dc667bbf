// A registry of npm packages on the loopback address, filled with what is installed here: with it `npm install` of our own
// packages runs for real, and no test needs the network.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './run.ts';

export interface LocalRegistry {
  url: string;
  /** Names of the packages that were fetched. */
  fetched: ReadonlySet<string>;
  close(): void;
}

export async function startLocalRegistry(): Promise<LocalRegistry> {
  const fetched = new Set<string>();
  const installed = installedPackages();
  const server = createServer((request, response) => {
    const [path = ''] = decodeURIComponent(request.url ?? '').split('?');
    const [, name = '', version] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+)\.tgz)?$/.exec(path) ?? [];
    const folders = installed.get(name) ?? {};
    const folder = version === undefined ? undefined : folders[version];
    if (folder !== undefined) {
      fetched.add(name);
      response.end(tarballOf(folder));
      return;
    }
    response.setHeader('content-type', 'application/json');
    if (Object.keys(folders).length === 0) response.statusCode = 404;
    response.end(JSON.stringify(describe(name, folders, url())));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url(),
    fetched,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Folders = Record<string, string>;

/** By name, then by version: where a package lies, which may be below another one. */
function installedPackages(): Map<string, Folders> {
  const { packages } = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'));
  const found = new Map<string, Folders>();
  for (const [path, { version }] of Object.entries<{ version?: string }>(packages)) {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (version === undefined || !existsSync(join(root, path, 'package.json'))) continue;
    found.set(name, { ...found.get(name), [version]: join(root, path) });
  }
  return found;
}

function describe(name: string, folders: Folders, url: string): unknown {
  const versions = Object.entries(folders).map(([version, folder]) => {
    const dist = { tarball: `${url}/${encodeURIComponent(name)}/-/${version}.tgz` };
    return [version, { ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), dist }] as const;
  });
  return { name, 'dist-tags': { latest: versions.at(-1)?.[0] }, versions: Object.fromEntries(versions) };
}

function tarballOf(folder: string): Buffer {
  const stage = mkdtempSync(join(tmpdir(), 'keyward-registry-'));
  try {
    cpSync(folder, join(stage, 'package'), {
      recursive: true,
      filter: (path) => path === folder || !/node_modules$/.test(path),
    });
    return execFileSync('tar', ['-czf', '-', '-C', stage, 'package'], { maxBuffer: 2 ** 28 });
  } finally {
    rmSync(stage, { recursive: true });
  }
}
