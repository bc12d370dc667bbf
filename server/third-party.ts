// A plugin of the bundler that writes down whose packages went into the bundle, with their licences: their terms want
// the text beside every copy. It judges no licence.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rolldown } from 'tsdown';

/** Adds `fileName` to the bundle. */
export function noticeOf(fileName: string): Rolldown.Plugin {
  return {
    name: 'third-party-notice',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
      const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== null));
      const source = [...folders]
        .sort()
        .map((folder) => [notice(folder), ...bundledIn(folder, modules)].join('\n'))
        .join(`\n${'-'.repeat(80)}\n\n`);
      this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

/** The folder of the package that a file belongs to; null for our own. */
function packageFolder(file: string): string | null {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file.replace(/^\0/, ''))?.[0] ?? null;
}

/** What a file of a package has bundled itself is told in a file beside it. */
function bundledIn(folder: string, modules: readonly string[]): string[] {
  const texts = modules.filter((file) => file.startsWith(folder)).map((file) => `${file}.LICENSE.txt`);
  return texts.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file));
  const read = (file: string) => readFileSync(join(folder, file), 'utf8').trim();
  // Data in a package may have terms of its own, which its readme tells.
  const readme = readdirSync(folder).find((file) => /^readme\.md$/i.test(file));
  const sources = readme === undefined ? null : /^## Sources\n.*?(?=^## |$(?![\s\S]))/ms.exec(read(readme));
  const parts = [...texts.map(read), ...(sources === null ? [] : [sources[0].trim()])];
  return `${name} ${version} (${license})\n\n${parts.join('\n\n')}\n`;
}
