// The public address, as anybody reaches it: does it answer, is it ready, with which certificate, and what time is it there. It
// needs no credential.

import { checkServerIdentity, connect, type DetailedPeerCertificate } from 'node:tls';
import { type Finding, findingsOf } from './finding.ts';
import { mostApartMs } from './most-apart.ts';
import { askPublicly, failureInWords, noTls, type PublicAnswer } from './public-question.ts';

const timeoutMs = 5_000;
const soonMs = 14 * 24 * 3_600_000;

/** Every look at an address such as `https://auth.example.com`; returns whether anybody answers there. */
export async function* lookAtAddress(url: string): AsyncGenerator<Finding, boolean> {
  const { problem } = findingsOf('server');
  const { protocol, hostname } = new URL(url);
  const began = Date.now();
  const answer = await askPublicly(`${url}/readyz`);
  if (typeof answer === 'string') {
    if (answer === noTls) yield* await served(new URL(url));
    else yield problem(`${url} cannot be reached: ${answer}`, mendForSilence(hostname));
    return false;
  }
  if (protocol === 'https:') yield* await served(new URL(url));
  else if (!isLoopback(hostname)) {
    const text = `${url} is not HTTPS: a credential sent there is no longer secret`;
    yield findingsOf('certificate').problem(text, 'Give the server a certificate, or a proxy in front that has one.');
  }
  yield* readiness(url, answer);
  // The answer's time has whole seconds.
  if (answer.date !== null) yield clock(answer.date + 500 - (began + Date.now()) / 2);
  return true;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function mendForSilence(hostname: string): string {
  if (isLoopback(hostname)) return 'Is it running? On its machine: keyward serve';
  return 'Is the address right, is the server up, and does a firewall or proxy let this machine through?';
}

/** The certificate that is shown there, by whatever ends TLS. */
async function served({ hostname, port }: URL): Promise<Finding[]> {
  const { ok, warning, problem } = findingsOf('certificate');
  const host = hostname.replace(/^\[|\]$/g, '');
  const shown = await shownCertificate(host, Number(port || 443));
  if (typeof shown === 'string') {
    const mend = 'Are the address and its port right? If they are, give the server or its proxy a certificate.';
    return [problem(`no TLS at ${host}: ${shown}`, mend)];
  }
  const [from, until] = [new Date(shown.certificate.valid_from), new Date(shown.certificate.valid_to)];
  if (until.getTime() <= Date.now())
    return [problem(`the one of ${host} expired on ${day(until)}: clients refuse it`, 'Renew it.')];
  if (from.getTime() > Date.now())
    return [
      problem(
        `the one of ${host} is not valid before ${day(from)}: clients refuse it`,
        "Are the clocks right, this machine's too?",
      ),
    ];
  const findings = [...shown.faults];
  if (until.getTime() - Date.now() < soonMs)
    findings.push(warning(`the one of ${host} ends on ${day(until)}`, 'Renew it.'));
  return findings.length > 0 ? findings : [ok(`good for ${host} until ${day(until)}, and its chain is trusted here`)];
}

function shownCertificate(
  host: string,
  port: number,
): Promise<{ certificate: DetailedPeerCertificate; faults: Finding[] } | string> {
  return new Promise((resolve) => {
    // Everything about it is to be told, so that nothing is refused before.
    const socket = connect({ host, port, servername: /^[\d.:]+$/.test(host) ? '' : host, rejectUnauthorized: false });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('there was no answer in time')));
    socket.once('error', (error) => resolve(failureInWords(error)));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate(true);
      socket.end();
      resolve({ certificate, faults: [...distrust(socket.authorizationError), ...otherName(certificate, host)] });
    });
  });
}

/** Why clients like this machine do not believe it. */
function distrust(error: unknown): Finding[] {
  const { problem } = findingsOf('certificate');
  const { code, message = String(error) } = (error ?? {}) as { code?: string; message?: string };
  const stranger = 'Clients that do not know its authority refuse it; NODE_EXTRA_CA_CERTS names one.';
  switch (error ? (code ?? message) : null) {
    case null:
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [];
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY': {
      const whole = 'Serve the whole chain: the certificate, then the one that signed it.';
      return [problem('its chain is not whole, or ends in an authority that is unknown here', `${whole} ${stranger}`)];
    }
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return [problem('its chain ends in a self-signed certificate that is not trusted here', stranger)];
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return [problem('it is self-signed, which is not trusted here', stranger)];
    default:
      return [problem(`clients like this machine refuse it: ${message}`, 'Have another one issued.')];
  }
}

function otherName(certificate: DetailedPeerCertificate, host: string): Finding[] {
  if (checkServerIdentity(host, certificate) === undefined) return [];
  const { subject, subjectaltname } = certificate;
  const names = subjectaltname?.replaceAll(/DNS:|IP Address:/g, '') ?? subject?.CN;
  const text = `it is not for ${host} but for ${names || 'nobody'}: clients refuse it`;
  return [findingsOf('certificate').problem(text, `Have one issued for ${host}, or name the address that it is for.`)];
}

/** Whether it can decide. */
function readiness(url: string, { status, body }: PublicAnswer): Finding[] {
  const { ok, warning, problem } = findingsOf('server');
  const { unavailable, status: said } = (body ?? {}) as { unavailable?: unknown; status?: unknown };
  const findings: Finding[] = [];
  if (status === 200 && said === 'ready') findings.push(ok(`${url} is ready`));
  else if (status === 503 && said === 'unavailable')
    findings.push(
      problem(`${url} answers, and cannot check calls`, 'Its log says why; most often the database is away.'),
    );
  else if (status === 502 || status === 503 || status === 504)
    findings.push(
      problem(`the proxy at ${url} reaches no server behind it (${status})`, 'Is Keyward running there? keyward serve'),
    );
  else
    findings.push(
      problem(
        `${url}/readyz answers ${status}, and not as Keyward does`,
        'Is the address right? If a proxy is in front, it must pass on /readyz.',
      ),
    );
  if (typeof unavailable === 'string')
    findings.push(warning(unavailable, 'Make the plan or the API, or take the route out of the settings.'));
  return findings;
}

function clock(aheadMs: number): Finding {
  const { ok, warning } = findingsOf('clock');
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) < mostApartMs) return ok("this machine's and the server's agree");
  const which = aheadMs > 0 ? 'ahead of' : 'behind';
  return warning(`the server's is ${seconds} s ${which} this machine's`, 'Have both set by NTP.');
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
