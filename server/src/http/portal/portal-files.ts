// The built portal, read into memory when the server starts: a page with places for a nonce, and files whose names change
// with their contents. It answers nothing.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

export interface PortalFile {
  type: string;
  /** True if the name changes with the contents, so that a copy may be kept for good. */
  isHashed: boolean;
  plain: Buffer;
  br: Buffer | undefined;
  gzip: Buffer | undefined;
}

export interface PortalFiles {
  /** The page, with `nonceMark` wherever a nonce belongs. */
  page: string;
  /** The interactive reference of the API, with the same. */
  reference: string;
  /** By path from the portal's root, such as `/assets/main-B1x2.js`. */
  files: ReadonlyMap<string, PortalFile>;
}

/** Where the page wants the nonce of its answer. */
export const nonceMark = '{{nonce}}';
/** Where it wants to be told `none` if no session came with the request, so that it need not ask for one. */
export const sessionMark = '{{session}}';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
};

/** Beside the bundle where this is built; in the repository where the sources run. */
export const portalFolder = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '../../../../portal/dist')
  : join(import.meta.dirname, 'portal');

/** Reads the build in `folder`; null if there is none. */
export function readPortal(folder = portalFolder): PortalFiles | null {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return null;
  const assets = join(folder, 'assets');
  const names = readdirSync(assets);
  const read = (name: string) => (names.includes(name) ? readFileSync(join(assets, name)) : undefined);
  const files = names.flatMap((name): [string, PortalFile][] => {
    const type = types[extname(name)];
    const plain = type === undefined ? undefined : read(name);
    if (type === undefined || plain === undefined) return [];
    return [
      [`/assets/${name}`, { type, isHashed: isHashed(name), plain, br: read(`${name}.br`), gzip: read(`${name}.gz`) }],
    ];
  });
  return {
    page: readFileSync(page, 'utf8'),
    reference: readFileSync(join(folder, 'reference.html'), 'utf8'),
    files: new Map(files),
  };
}

/** The build ends a name with a hyphen and eight characters made of the contents. */
function isHashed(name: string): boolean {
  return basename(name, extname(name)).at(-9) === '-';
}
