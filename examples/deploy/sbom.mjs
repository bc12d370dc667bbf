// Prints what an installed Keyward is made of, as CycloneDX: the packages that npm installed here, and those that are bundled
// into the server. Run it in the folder in which @keyward/server was installed. It does not name what the image is based on.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const sbom = JSON.parse(execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev'], { encoding: 'utf8' }));
const notices = readFileSync('node_modules/@keyward/server/dist/THIRD-PARTY.txt', 'utf8');
const known = new Set(sbom.components.map(({ purl }) => purl));
for (const [, name, version, license] of notices.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) (\d+\.\d+\.\d+\S*) \((.+)\)$/gm)) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  if (known.has(purl)) continue;
  known.add(purl);
  const licenses = [{ expression: license }];
  sbom.components.push({ 'bom-ref': `${name}@${version}`, type: 'library', name, version, purl, licenses });
}
console.log(JSON.stringify(sbom, null, 2));
