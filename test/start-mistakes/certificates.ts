// Mistakes with certificate and key: missing, mixed up, damaged, in another form, too weak.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import type { Mistake } from './mistake.ts';

const [one, other] = [selfSigned(), selfSigned()];
const weak = selfSigned({ rsaBits: 1024 });
const locked = createPrivateKey(one.key).export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'x',
});
const der = new X509Certificate(one.cert).raw;
const args = ['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'];
const damaged = (pem: string) => pem.replace(/\n[\w+/=]{20}/, '\nAAAAAAAAAAAAAAAAAAAA');

export const certificates: readonly Mistake[] = (
  [
    ['a certificate that is not there', { 'key.pem': one.key }, /cert\.pem \(tls\.cert\) does not exist/, /--tls-cert/],
    ['a key that is not there', { 'cert.pem': one.cert }, /key\.pem \(tls\.key\) does not exist/, /--tls-key/],
    [
      'neither certificate nor key, which are told at once',
      {},
      /\(tls\.cert\) does not exist[\s\S]*\(tls\.key\) does not exist/,
      /--tls-cert[\s\S]*--tls-key/,
    ],
    ['an empty certificate', { 'cert.pem': '', 'key.pem': one.key }, /\(tls\.cert\) is empty/, /BEGIN CERTIFICATE/],
    ['a certificate in DER', { 'cert.pem': der, 'key.pem': one.key }, /\(tls\.cert\) is not PEM.*DER/, /openssl x509/],
    [
      'a certificate that is text',
      { 'cert.pem': 'hello', 'key.pem': one.key },
      /\(tls\.cert\) is not PEM/,
      /BEGIN CERTIFICATE/,
    ],
    [
      'a damaged certificate',
      { 'cert.pem': damaged(one.cert), 'key.pem': one.key },
      /certificate .*cert\.pem \(tls\.cert\) is damaged/,
      /Copy it again/,
    ],
    [
      'half a certificate',
      { 'cert.pem': one.cert.slice(0, 200), 'key.pem': one.key },
      /\(tls\.cert\) holds no whole certificate/,
      /BEGIN CERTIFICATE/,
    ],
    [
      'certificate and key swapped',
      { 'cert.pem': one.key, 'key.pem': one.cert },
      /tls\.cert and tls\.key are swapped/,
      /the other file/,
    ],
    [
      'the key of another certificate',
      { 'cert.pem': one.cert, 'key.pem': other.key },
      /do not belong together: .*key\.pem .*cert\.pem/,
      /the certificate was ordered/,
    ],
    [
      'a chain in the wrong order',
      { 'cert.pem': other.cert + one.cert, 'key.pem': one.key },
      /\(tls\.cert\) are in the wrong order: .* number 2/,
      /first/,
    ],
    [
      'the key for both',
      { 'cert.pem': one.key, 'key.pem': one.key },
      /\(tls\.cert\) holds no whole certificate/,
      /BEGIN CERTIFICATE/,
    ],
    [
      'the certificate for both',
      { 'cert.pem': one.cert, 'key.pem': one.cert },
      /\(tls\.key\) holds no private key/,
      /BEGIN PRIVATE KEY/,
    ],
    [
      'a key with a passphrase',
      { 'cert.pem': one.cert, 'key.pem': locked },
      /\(tls\.key\) has a passphrase/,
      /openssl pkey/,
    ],
    [
      'a damaged key',
      { 'cert.pem': one.cert, 'key.pem': damaged(one.key) },
      /\(tls\.key\) is damaged/,
      /Copy it again/,
    ],
    [
      'a key that is too weak',
      { 'cert.pem': weak.cert, 'key.pem': weak.key },
      /\(tls\.cert\) cannot be used for TLS: .*too small/,
      /2048 bits/,
    ],
  ] as const
).map(([name, files, says, mend]) => ({ name, args, files, says, mend }) as Mistake);

export const certificateRights: readonly Mistake[] = [
  {
    name: 'a key that this account may not read',
    args,
    files: { 'cert.pem': one.cert, 'key.pem': one.key },
    asNobody: true,
    prepare: async ({ path }) => {
      const { chmodSync } = await import('node:fs');
      chmodSync(path('cert.pem'), 0o644);
      chmodSync(path('key.pem'), 0);
      return undefined;
    },
    says: /key\.pem \(tls\.key\) may not be used by this account/,
    mend: /chown|chmod/,
  },
  {
    name: 'a folder for a certificate',
    args: ['--tls-cert', '.', '--tls-key', 'key.pem'],
    files: { 'key.pem': one.key },
    says: /\(tls\.cert\) is a folder, not a file/,
    mend: /--tls-cert/,
  },
];
