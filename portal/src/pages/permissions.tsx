// The catalogue of permissions.

import { Coming } from '../parts/coming.tsx';
import { shellWords } from '../words/shell.ts';

export function PermissionsPage() {
  return <Coming title={shellWords.pages.permissions} />;
}
