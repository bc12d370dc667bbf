// What the description of the API says of OAuth's endpoints. Grants differ in what they need of one and the same body: an
// example shows the simplest one.

import { type Reference, samples } from '../operation.ts';
import { OAuthError } from './error.ts';

export const reference: Reference = {
  about: 'OAuth 2.0: access tokens for one API and a scope.',
  error: OAuthError,
  operations: {
    'POST /oauth/token': {
      id: 'oauthToken',
      summary: 'Get an access token',
      credential: 'client',
      fails: ['too_many_requests'],
      body: {
        grant_type: 'client_credentials',
        client_id: samples.apiUserUsername,
        client_secret: samples.apiUserPassword,
      },
    },
    'GET /.well-known/oauth-authorization-server': {
      id: 'oauthMetadata',
      summary: 'Read where everything is, and what is understood',
      credential: 'none',
    },
  },
};
