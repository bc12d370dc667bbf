// The second factor: a code that changes with time (TOTP, RFC 6238), and recovery codes for the day the phone is gone.
// Each code works once. How codes are worked out is behind the port; who must show one is authenticate.ts's to say.

import { type Caller, demand, demandConfirmed, isSelf } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clocked } from '../clock.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { Sealer } from '../sealer.ts';
import { drawRandom } from '../secret.ts';
import type { Changes, Changing, Reading, Totp, Writing } from './ports.ts';
import { type ReauthenticatingPorts, reauthenticate } from './reauthenticate.ts';
import type { SecondFactor } from './records.ts';
import { manageable, subjectOf } from './user.ts';

/** The ports of what reads a code. */
export interface CodePorts {
  totp: Pick<Totp, 'stepOf'>;
  sealer: Pick<Sealer, 'open'>;
}

/** The ports of what asks for a code. */
export type SecondFactorPorts = Reading<'secondFactors'> &
  Writing<'secondFactors'> &
  CodePorts &
  Clocked & { sealer: Pick<Sealer, 'checkMac'> };

/** Makes a second factor that counts once it is confirmed. Users only; asks for the password. `conflict` if there is one. */
export async function prepareSecondFactor(
  ports: Changing<'secondFactors'> &
    ReauthenticatingPorts & { totp: Pick<Totp, 'generate' | 'uri'>; sealer: Pick<Sealer, 'seal'> },
  caller: Caller,
  password: string,
): Promise<{ secret: string; uri: string }> {
  demandUser(caller);
  await reauthenticate(ports, caller, password, 'password');
  const secret = ports.totp.generate();
  const at = ports.clock();
  const { id: organizationId, name } = caller.organization;
  const sealedSecret = ports.sealer.seal('second-factor', secret, caller.id);
  const prepared = { userId: caller.id, organizationId, sealedSecret, lastStep: 0, createdAt: at, confirmedAt: null };
  await writeAs(ports, caller, async (changes) => {
    if (!(await changes.secondFactors.prepare(prepared))) throw alreadyOn();
    changes.journal(entryOf(caller, at, 'user.second_factor_prepared', subjectOf(caller.id)));
  });
  return { secret, uri: ports.totp.uri(secret, `Keyward (${name})`, caller.owner.name) };
}

/** From now on it is asked for. Answers recovery codes, this once. Throws `invalid_request` for a wrong code. */
export async function confirmSecondFactor(
  ports: Reading<'secondFactors'> & Changing<'secondFactors' | 'users'> & CodePorts & { sealer: Pick<Sealer, 'mac'> },
  caller: Caller,
  code: string,
): Promise<{ recoveryCodes: string[] }> {
  demandUser(caller);
  const { id: userId, organization } = caller;
  const prepared = await ports.store.secondFactors.find(organization.id, userId);
  if (prepared === null) throw new KeywardError('conflict', 'Begin with a new second factor first.');
  if (prepared.confirmedAt !== null) throw alreadyOn();
  const step = stepOf(ports, prepared, code);
  if (step === null) throw invalid('code', 'The code is wrong. Is the clock of your device right?');
  const recoveryCodes = Array.from({ length: recoveryCodeCount }, generateRecoveryCode);
  const macs = recoveryCodes.map((one) => ports.sealer.mac('recovery-code', boundText(userId, one)));
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if (!(await changes.secondFactors.confirm(organization.id, userId, at, step))) throw alreadyOn();
    await changes.secondFactors.addRecoveryCodes(organization.id, userId, macs);
    await changes.users.setSecondFactor(organization.id, userId, at);
    changes.journal(entryOf(caller, at, 'user.second_factor_added', subjectOf(userId)));
  });
  return { recoveryCodes };
}

/** Takes one's own away. Users only; asks for the password. */
export async function removeOwnSecondFactor(
  ports: Changing<'secondFactors' | 'users'> & ReauthenticatingPorts,
  caller: Caller,
  password: string,
): Promise<void> {
  demandUser(caller);
  await reauthenticate(ports, caller, password, 'password');
  await writeAs(ports, caller, (changes) => remove(ports, changes, caller, caller.id));
}

/** Takes someone else's away, who has lost it. Needs `update:user` and a confirmed session. */
export async function removeSecondFactor(
  ports: Changing<'secondFactors' | 'users' | 'roles'>,
  caller: Caller,
  id: string,
): Promise<void> {
  demand(caller, 'update:user');
  demandConfirmed(caller, ports.clock());
  await writeAs(ports, caller, async (changes) => {
    await manageable(changes, caller, id);
    await remove(ports, changes, caller, id);
  });
}

/** True if this code is the user's, and was never accepted before; from then on it is none. */
export async function passesSecondFactor(
  ports: SecondFactorPorts,
  user: { id: string; organizationId: string },
  code: string,
): Promise<boolean> {
  const { id, organizationId } = user;
  const text = code.replaceAll(' ', '');
  if (!isDigits(text)) return passesRecovery(ports, user, text);
  const kept = await ports.store.secondFactors.find(organizationId, id);
  const step = kept === null || kept.confirmedAt === null ? null : stepOf(ports, kept, text);
  if (step === null) return false;
  return ports.store.write((changes) => changes.secondFactors.advance(organizationId, id, step));
}

const recoveryCodeCount = 10;
const codeLength = 6;
/** Without letters that look like digits (Crockford's base 32): 60 bits in 12 characters. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

async function passesRecovery(
  ports: SecondFactorPorts,
  user: { id: string; organizationId: string },
  code: string,
): Promise<boolean> {
  const { id, organizationId } = user;
  const bound = boundText(id, code);
  const macs = await ports.store.secondFactors.recoveryCodes(organizationId, id);
  const mac = macs.find((one) => ports.sealer.checkMac('recovery-code', bound, one));
  if (mac === undefined) return false;
  const at = ports.clock();
  return ports.store.write(async (changes) => {
    if (!(await changes.secondFactors.useRecoveryCode(organizationId, id, mac))) return false;
    const actor = { type: 'user' as const, id };
    const detail = { left: macs.length - 1 };
    changes.journal({ at, organizationId, actor, action: 'user.recovery_code_used', subject: subjectOf(id), detail });
    return true;
  });
}

async function remove(
  ports: Clocked,
  changes: Changes<'secondFactors' | 'users'>,
  caller: Caller,
  id: string,
): Promise<void> {
  if (!(await changes.secondFactors.delete(caller.organization.id, id))) throw notFound('second factor');
  await changes.users.setSecondFactor(caller.organization.id, id, null);
  changes.journal(entryOf(caller, ports.clock(), 'user.second_factor_removed', subjectOf(id)));
}

/** Null also when the sealing key is gone. */
function stepOf(ports: CodePorts, { sealedSecret, userId }: SecondFactor, code: string): number | null {
  const secret = ports.sealer.open('second-factor', sealedSecret, userId);
  const text = code.replaceAll(' ', '');
  return secret === null || !isDigits(text) ? null : ports.totp.stepOf(secret, text);
}

function isDigits(text: string): boolean {
  return text.length === codeLength && [...text].every((one) => one >= '0' && one <= '9');
}

function generateRecoveryCode(): string {
  const text = Array.from(drawRandom(12), (byte) => alphabet.charAt(byte % 32)).join('');
  return [text.slice(0, 4), text.slice(4, 8), text.slice(8)].join('-');
}

/** People leave hyphens out and write in capitals. */
function boundText(userId: string, code: string): string {
  return `${userId}:${code.replaceAll('-', '').replaceAll(' ', '').toLowerCase()}`;
}

function demandUser(caller: Caller): void {
  if (!isSelf(caller)) throw new KeywardError('forbidden', 'Only a signed-in user has a second factor.');
}

function alreadyOn(): KeywardError {
  return new KeywardError('conflict', 'There is a second factor already. Remove it first.');
}
