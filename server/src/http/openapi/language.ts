// Whose words an endpoint speaks. The server's own endpoints borrow a dialect's.

import type { Dialect } from '../../dialects/dialect.ts';

/** Of a dialect, what describing its endpoints takes. */
export type Language = Pick<Dialect, 'name' | 'bodies' | 'reference' | 'fail' | 'refuse'>;
