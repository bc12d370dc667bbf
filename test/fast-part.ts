// Says how the fast part of the tests went as soon as it has ended, while the rest still runs. It changes nothing of
// the runner's own report, which comes last and is of all.

import type { Reporter, TestModule, TestSpecification } from 'vitest/node';

export function fastPart(): Reporter {
  let waiting = 0;
  let startedAt = 0;
  let hasMore = false;
  const failed: string[] = [];
  return {
    onTestRunStart(specifications: ReadonlyArray<TestSpecification>) {
      waiting = specifications.filter(({ project }) => project.name === 'fast').length;
      hasMore = waiting > 0 && specifications.length > waiting;
      startedAt = Date.now();
    },
    onTestModuleEnd(module: TestModule) {
      if (!hasMore || module.project.name !== 'fast') return;
      if (!module.ok()) failed.push(module.relativeModuleId);
      waiting -= 1;
      if (waiting > 0) return;
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      const outcome = failed.length === 0 ? 'passed' : `FAILED, in ${failed.join(', ')}`;
      console.log(`\nThe fast part ${outcome}, after ${seconds} s. The rest follows.\n`);
    },
  };
}
