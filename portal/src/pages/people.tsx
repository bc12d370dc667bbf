// Users and their roles.

import { Coming } from '../parts/coming.tsx';
import { shellWords } from '../words/shell.ts';

export function PeoplePage() {
  return <Coming title={shellWords.pages.people} />;
}
