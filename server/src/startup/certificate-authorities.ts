// Certificates of authorities that are trusted when other servers are called, read and looked at before anything is opened.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileFailure } from './file-failure.ts';
import { StartupError } from './startup-error.ts';

/** The PEM text of the file (`outbound.ca`). Throws StartupError that names it, and what is wrong. */
export function readAuthorities(file: string): string {
  const named = `The file ${file} (outbound.ca)`;
  const pem = read(file, named);
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (certificates === null) throw new StartupError(`${named} holds no certificate.`, wanted);
  for (const [at, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw new StartupError(`${named}: certificate ${at + 1} is damaged and cannot be read.`, wanted, error);
    }
  }
  return certificates.join('\n');
}

const wanted =
  'It must hold one certificate or more in PEM, each between its -----BEGIN CERTIFICATE----- and END lines.';

function read(file: string, named: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    throw fileFailure(error, named, 'Name the right file with outbound.ca.');
  }
}
