// An answer of the API about usage, as the page asked for it and its panels show it.

import type { UsageList } from '@keyward/sdk/wire';
import type { UseQueryResult } from '@tanstack/react-query';

export type UsageAnswer = UseQueryResult<UsageList>;
