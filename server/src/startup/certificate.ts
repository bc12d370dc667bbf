// Certificate and private key, read and held against one another before anything is opened, so that a mix-up is told in
// words and not in OpenSSL's. It trusts nobody: clients decide whether they believe the certificate.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { fileFailure } from './file-failure.ts';
import { StartupError } from './startup-error.ts';

export interface TlsFiles {
  cert: string;
  key: string;
}

/** The contents, in PEM. */
export interface CertificateAndKey {
  cert: string;
  key: string;
}

/** Reads both files. Throws StartupError that names the setting and the file, and all that is wrong with the two. */
export function readCertificate(files: TlsFiles): CertificateAndKey {
  const read = {
    cert: attempt(() => readPem('tls.cert', files.cert)),
    key: attempt(() => readPem('tls.key', files.key)),
  };
  const [cert, key] = valuesOf(read.cert, read.key);
  if (isKey(cert) && isCertificate(key)) {
    throw new StartupError(
      `tls.cert and tls.key are swapped: ${files.cert} holds the private key, ${files.key} the certificate.`,
      'Give each the other file.',
    );
  }
  const [chain, privateKey] = valuesOf(
    attempt(() => chainIn(cert, files.cert)),
    attempt(() => privateKeyIn(key, files.key)),
  );
  demandPair(chain, privateKey, files);
  try {
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new StartupError(
      `The certificate ${files.cert} (tls.cert) cannot be used for TLS: ${reasonOf(error)}.`,
      'Have one issued with a key of today: RSA of 2048 bits or more, or EC P-256.',
      error,
    );
  }
  return { cert, key };
}

/** What is wrong with a certificate that can be served all the same, and the mend, in sentences. */
export interface Doubt {
  text: string;
  mend: string;
  /** Whether clients refuse the certificate now. */
  isRefused: boolean;
}

/** `host` is of the public address. */
export function doubtsAbout({ cert }: CertificateAndKey, file: string, now: number, host: string | null): Doubt[] {
  const leaf = new X509Certificate(cert);
  const named = `The certificate ${file} (tls.cert)`;
  const doubts: Doubt[] = [];
  const refused = (text: string, mend: string) => doubts.push({ text: `${named} ${text}`, mend, isRefused: true });
  const [from, to] = [new Date(leaf.validFrom), new Date(leaf.validTo)];
  const renew = 'Put a new one in its place (tls.cert, tls.key) and restart.';
  if (to.getTime() <= now) refused(`expired on ${day(to)}: clients refuse it.`, renew);
  else if (to.getTime() <= now + soonMs)
    doubts.push({ text: `${named} expires on ${day(to)}.`, mend: renew, isRefused: false });
  if (from.getTime() > now)
    refused(`is not valid before ${day(from)}: clients refuse it.`, "Is this machine's clock right?");
  const isFor = host === null || (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
  if (!isFor) {
    refused(
      `is not for ${host}, which is the host of url: clients that come there refuse it.`,
      'Have one issued for that name, or set url to a name that it is for.',
    );
  }
  return doubts;
}

const soonMs = 7 * 24 * 3_600_000;

function readPem(setting: string, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fileFailure(
      error,
      `The file ${file} (${setting})`,
      `Name the right file with --${setting.replace('.', '-')}.`,
    );
  }
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN ')) return text;
  throw new StartupError(`The file ${file} (${setting}) ${kindOf(bytes)}.`, pemWanted[setting] ?? '');
}

function kindOf(bytes: Buffer): string {
  if (bytes.length === 0) return 'is empty';
  return bytes[0] === 0x30 ? 'is not PEM text; it seems to be DER or PKCS #12' : 'is not PEM text';
}

const pemWanted: Readonly<Record<string, string>> = {
  'tls.cert': 'It must begin with -----BEGIN CERTIFICATE-----. To convert: openssl x509 -in FILE -out cert.pem',
  'tls.key': 'It must begin with -----BEGIN PRIVATE KEY-----. To convert: openssl pkey -in FILE -out key.pem',
};

function chainIn(pem: string, file: string): X509Certificate[] {
  const blocks = pem.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  );
  if (blocks === null)
    throw new StartupError(`The file ${file} (tls.cert) holds no whole certificate.`, pemWanted['tls.cert'] ?? '');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      const which = blocks.length > 1 ? `Certificate ${index + 1} of ${file}` : `The certificate ${file}`;
      throw new StartupError(
        `${which} (tls.cert) is damaged and cannot be read.`,
        'Copy it again from whoever issued it.',
        error,
      );
    }
  });
}

function privateKeyIn(pem: string, file: string): KeyObject {
  if (!isKey(pem))
    throw new StartupError(`The file ${file} (tls.key) holds no private key.`, pemWanted['tls.key'] ?? '');
  if (/-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new StartupError(
      `The private key ${file} (tls.key) has a passphrase, and a server has nobody to ask for it.`,
      'Take it off (openssl pkey -in FILE -out key.pem) and keep the file to this account: chmod 600 key.pem',
    );
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new StartupError(
      `The private key ${file} (tls.key) is damaged and cannot be read.`,
      'Copy it again from where it was made.',
      error,
    );
  }
}

function demandPair(chain: readonly X509Certificate[], key: KeyObject, files: TlsFiles): void {
  const fitting = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (fitting === 0) return;
  if (fitting > 0) {
    throw new StartupError(
      `The certificates in ${files.cert} (tls.cert) are in the wrong order: the server's own is number ${fitting + 1}.`,
      "Put the server's own certificate first, then the one that signed it, and so on.",
    );
  }
  throw new StartupError(
    `tls.cert and tls.key do not belong together: ${files.key} is not the key of the certificate ${files.cert}.`,
    'Name the key with which the certificate was ordered.',
  );
}

function isKey(pem: string): boolean {
  return /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(pem);
}

function isCertificate(pem: string): boolean {
  return /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(pem);
}

type Attempt<T> = { value: T } | { failure: StartupError };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof StartupError) return { failure: error };
    throw error;
  }
}

/** Both values, or one error that tells all that went wrong. */
function valuesOf<A, B>(a: Attempt<A>, b: Attempt<B>): [A, B] {
  if ('value' in a && 'value' in b) return [a.value, b.value];
  const failures = [a, b].flatMap((one) => ('failure' in one ? [one.failure] : []));
  const hints = [...new Set(failures.map(({ hint }) => hint))];
  throw new StartupError(failures.map(({ message }) => message).join('\n'), hints.join('\n'), failures[0]);
}

/** OpenSSL's own words without its codes: `ee key too small`. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split(':').at(-1)?.trim() || text;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
