// The commands of configuration as code.

import { applyVerb } from './apply.ts';
import { diffVerb } from './diff.ts';
import { exportVerb } from './export.ts';

export const manifestVerbs = [applyVerb, diffVerb, exportVerb] as const;
