// A token's own limits in a form. Loaded when they are shown: few tokens have any.

import { lazy, Suspense } from 'react';
import { Loading } from '../../parts/states.tsx';
import type { LimitsFieldProps } from '../plans/limits-field.tsx';

const Field = lazy(async () => ({ default: (await import('../plans/limits-field.tsx')).LimitsField }));

export function TokenLimitsField(props: Omit<LimitsFieldProps, 'of'>) {
  return (
    <Suspense fallback={<Loading rows={1} height={36} />}>
      <Field of="token" {...props} />
    </Suspense>
  );
}
