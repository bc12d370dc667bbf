// What is kept of a device that asks for access by a code that somebody types elsewhere (RFC 8628), and of the answer.

/** How a device asked, and what was said. The device holds the device code; the user code is for people. */
export interface DeviceCode {
  /** Lower-case hex SHA-256 of the device code. */
  digest: string;
  /** Of the user code, which is too short for a digest alone: under a key of the server. */
  userCodeMac: string;
  /** As the client calls itself. */
  clientId: string;
  applicationId: string;
  /** The handle of the API. */
  api: string;
  /** Permissions and patterns; null for all that the application may ask for. */
  scope: readonly string[] | null;
  /** The thumbprint of the key that its use must prove; null for none. */
  key: string | null;
  /** Where it was asked for from, as people are told. */
  address: string;
  /** The same as it is counted by. */
  place: string;
  expiresAt: number;
  /** How long the device must wait between two polls. */
  intervalMs: number;
  /** The last poll; 0 before the first. */
  polledAt: number;
  answer: DeviceAnswer | null;
  usedAt: number | null;
}

export interface DeviceAnswer {
  at: number;
  /** Null where it was not allowed. */
  allowed: AllowedDevice | null;
}

/** In whose name the device is to act, and as far as what. */
export interface AllowedDevice {
  /** Null for the command line, which its user signs in with and lets do nothing less. */
  authorizationId: string | null;
  organizationId: string;
  userId: string;
  /** Of its user and organization when it was allowed, as access tokens have it. */
  generation: string;
  scope: readonly string[];
  /** The id that the session which begins with its use is to have. */
  sessionId: string;
  /** The id of the session in which somebody allowed it, with which it ends. */
  givenIn: string;
}
