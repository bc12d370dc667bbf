// A route's row, and the words that rows are made of. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';

export interface Row {
  /** With the parameters filled in from a fixture. */
  path(fixture: OrganizationFixture): string;
  /** A body that is as it should be. */
  body?(): Record<string, unknown>;
  /** `open` takes no bearer, `anyone` takes any; else one of these permissions is needed. */
  needs: 'open' | 'anyone' | readonly string[];
  /** What the owner of another organization, which does not run the server, is answered; `own` where no id can cross. */
  crossing: 403 | 404 | 'own';
  /** What a caller without the permission is answered instead of 403. */
  lacking?: 404;
  /** Only a signed-in user can do it to itself: a token is answered 403, whatever it holds. */
  people?: true;
  /** What an open route answers to a token or link that nobody made, instead of 401. */
  answers?: 200 | 404;
}

export type Rows = Readonly<Record<string, Row>>;

/** Of who signs in. */
export const password = 'a few words in a row';

export const serial = () => Math.random().toString(36).slice(2, 12);

export const at = (path: string) => () => path;

export const under = (path: (fixture: OrganizationFixture) => string, act: string) => (fixture: OrganizationFixture) =>
  `${path(fixture)}/${act}`;
