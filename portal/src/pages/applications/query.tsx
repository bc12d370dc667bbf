// One application as it is now: for its page, and for the question that counts whom its end signs out.

import type { ApplicationInUse } from '@keyward/sdk/wire';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';

export function useApplication(id: string) {
  return useQuery({
    queryKey: ['/v1/applications', id],
    queryFn: ({ signal }) => api.get<ApplicationInUse>(`/v1/applications/${part(id)}`, {}, signal),
  });
}

/** What happens to how many people, by the newest count; by what the page knew while that is on its way. */
export function Counted({ of, text }: { of: ApplicationInUse; text: (people: number) => string }) {
  const { data } = useApplication(of.id);
  return <span role="status">{text((data ?? of).people)}</span>;
}
