// The package's entry point: a client for those who call, and a verifier for those who are called. Guards for frameworks have
// entry points of their own, and so has the wire.

export { type Client, type ClientOptions, type Credential, createClient, type Exchange } from './client/client.ts';
export { KeywardError, type KeywardErrorCode, type KeywardErrorDetail } from './errors.ts';
export type { GuardOptions } from './middleware/guard.ts';
export {
  protectedResourceMetadata,
  type ResourceMetadata,
  type ResourceMetadataOptions,
} from './middleware/resource-metadata.ts';
export type { FeedLossPolicy, VerifierOptions } from './verifier/options.ts';
export type { Allowed, LimitState, Principal, Reason, Refused, Requirement, Verdict } from './verifier/verdict.ts';
export { createVerifier, type Verifier, type VerifierStats } from './verifier/verifier.ts';
