// Devices that ask for access by a code: what the code's page tells of them, and what is answered.

import { type Static, Type } from 'typebox';
import { Consent, ConsentAnswer } from './authorizations.ts';
import { closed, Time } from './parts.ts';

/** As somebody typed it: case, blanks and dashes do not matter. */
const userCode = Type.String({ minLength: 1, maxLength: 64 });

export const DeviceQuestion = Type.Object({ userCode }, closed);
export type DeviceQuestion = Static<typeof DeviceQuestion>;

const { application, api, permissions } = Consent.properties;
const { id, metadataUrl, name, logoUrl, organization } = application.properties;

export const Device = Type.Object({
  application: Type.Object({
    id,
    metadataUrl,
    name,
    logoUrl,
    /** Whose it is; null for Keyward's own command line, which acts as the user. */
    organization: Type.Union([organization, Type.Null()]),
  }),
  api,
  permissions,
  /** Where the device asked from. */
  address: Type.String(),
  expiresAt: Time,
});
export type Device = Static<typeof Device>;

const { allow, permissions: shown } = ConsentAnswer.properties;

export const DeviceAnswer = Type.Object({ userCode, allow, permissions: shown }, closed);
export type DeviceAnswer = Static<typeof DeviceAnswer>;

/** Whether the device may act now: not where there is nothing that it could be allowed either. */
export const DeviceOutcome = Type.Object({ allowed: Type.Boolean() });
export type DeviceOutcome = Static<typeof DeviceOutcome>;
