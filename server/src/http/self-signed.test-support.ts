// A self-signed certificate for 127.0.0.1 and perhaps host names, made anew for each test run, so that no private key lies in the repository.
// For tests only: it writes the least DER (X.690) that a TLS client takes.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const day = 86_400_000;

export interface Wanted {
  validFrom?: number;
  validTo?: number;
  /** Of an RSA key; without it the key is EC P-256. */
  rsaBits?: number;
  /** Host names that it is for too. */
  hosts?: readonly string[];
}

/** A key and a certificate for it, valid from a day ago for eight days unless said otherwise, in PEM. */
export function selfSigned({
  validFrom = Date.now() - day,
  validTo = Date.now() + 8 * day,
  rsaBits,
  hosts = [],
}: Wanted = {}): {
  cert: string;
  key: string;
} {
  const isRsa = rsaBits !== undefined;
  const { privateKey, publicKey } = isRsa
    ? generateKeyPairSync('rsa', { modulusLength: rsaBits })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = isRsa
    ? sequence(oid('2a864886f70d01010b'), tagged(0x05, Buffer.alloc(0)))
    : sequence(oid('2a8648ce3d040302'));
  const name = sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from('127.0.0.1')))));
  const validity = sequence(time(validFrom), time(validTo));
  const address = tagged(0x87, Buffer.from([127, 0, 0, 1]));
  const alternativeName = sequence(
    oid('551d11'),
    tagged(0x04, sequence(address, ...hosts.map((host) => tagged(0x82, Buffer.from(host))))),
  );
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, sequence(alternativeName)),
  );
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const der = sequence(body, algorithm, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function time(at: number): Buffer {
  return tagged(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
}
