// The public address, as anybody reaches it: does it answer, is it ready, with which certificate, and what time is it there. It
// needs no credential.

import { connect, type DetailedPeerCertificate } from 'node:tls';
import { type Finding, findingsOf } from './finding.ts';
import { mostApartMs } from './machine.ts';

const timeoutMs = 5_000;
const soonMs = 14 * 24 * 3_600_000;

/** Every look at an address such as `https://auth.example.com`. */
export async function* lookAtAddress(url: string): AsyncGenerator<Finding> {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') yield* await served(new URL(url));
  else if (!isLoopback(hostname)) {
    const text = `${url} is not HTTPS: a credential sent there is no longer secret`;
    yield findingsOf('certificate').problem(text, 'Give the server a certificate, or a proxy in front that has one.');
  }
  yield* await health(url);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

/** The certificate that is shown there, by whatever ends TLS. */
async function served({ hostname, port }: URL): Promise<Finding[]> {
  const { ok, warning, problem } = findingsOf('certificate');
  const host = hostname.replace(/^\[|\]$/g, '');
  const shown = await shownCertificate(host, Number(port || 443));
  if (typeof shown === 'string') return [problem(`no TLS at ${host}: ${shown}`, 'Is the address right, and is it up?')];
  const until = new Date(shown.certificate.valid_to);
  const leftMs = until.getTime() - Date.now();
  const day = until.toISOString().slice(0, 10);
  if (leftMs <= 0) return [problem(`it expired on ${day}: clients refuse it`, 'Renew it.')];
  const findings = shown.error === null ? [] : [problem(shown.error, mendFor(shown.error))];
  if (leftMs < soonMs) findings.push(warning(`it ends on ${day}`, 'Renew it.'));
  return findings.length > 0 ? findings : [ok(`good for ${host} until ${day}, and its chain is trusted here`)];
}

function mendFor(error: string): string {
  if (/verify the first|issuer/.test(error))
    return 'Serve the whole chain: the certificate, then the one that signed it.';
  if (/self-signed/.test(error))
    return 'Clients that do not know its authority refuse it; NODE_EXTRA_CA_CERTS names one.';
  return 'Have one issued for this name.';
}

function shownCertificate(
  host: string,
  port: number,
): Promise<{ certificate: DetailedPeerCertificate; error: string | null } | string> {
  return new Promise((resolve) => {
    // Everything about it is to be told, so that nothing is refused before.
    const socket = connect({ host, port, servername: /^[\d.:]+$/.test(host) ? '' : host, rejectUnauthorized: false });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.once('error', (error) => resolve(error.message));
    socket.once('secureConnect', () => {
      const error: unknown = socket.authorizationError;
      const certificate = socket.getPeerCertificate(true);
      socket.end();
      resolve({ certificate, error: error ? inWords(error) : null });
    });
  });
}

function inWords(error: unknown): string {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  const known: Readonly<Record<string, string>> = {
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its chain is not whole: unable to verify the first certificate',
    SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in a self-signed certificate that is not trusted here',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed, which is not trusted here',
    ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  };
  return known[code ?? message] ?? message;
}

/** Whether it listens and can decide, and its clock by the Date of the answer, which has whole seconds. */
async function health(url: string): Promise<Finding[]> {
  const { ok, warning, problem } = findingsOf('server');
  const began = Date.now();
  const answer = await ask(`${url}/readyz`);
  if (typeof answer === 'string')
    return [problem(`${url} cannot be reached: ${answer}`, 'Is it running? keyward serve')];
  const { status, headers, body } = answer;
  const findings: Finding[] = [];
  if (status === 200) findings.push(ok(`${url} is ready`));
  else if (status === 503) findings.push(problem('it listens, and cannot check calls', 'Its log says why.'));
  else
    findings.push(
      problem(`/readyz answers ${status}: no Keyward, or a proxy that keeps it away`, 'Look at the proxy.'),
    );
  const { unavailable } = (body ?? {}) as { unavailable?: unknown };
  if (typeof unavailable === 'string')
    findings.push(warning(unavailable, 'Make the plan or the API, or take the route out of the settings.'));
  const date = Date.parse(headers.get('date') ?? '');
  if (!Number.isNaN(date)) findings.push(clock(date + 500 - (began + Date.now()) / 2));
  return findings;
}

function clock(aheadMs: number): Finding {
  const { ok, warning } = findingsOf('clock');
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) < mostApartMs) return ok("this machine's and the server's agree");
  const which = aheadMs > 0 ? 'ahead of' : 'behind';
  return warning(`the server's is ${seconds} s ${which} this machine's`, 'Have both set by NTP.');
}

async function ask(url: string): Promise<{ status: number; headers: Headers; body: unknown } | string> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, headers: response.headers, body: await response.json().catch(() => null) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message || cause.name : String(cause);
  }
}
