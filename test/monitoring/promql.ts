// What an expression in PromQL asks for, by Prometheus' own grammar: metrics, labels, and whether it is an expression at all.

import { parser } from '@prometheus-io/lezer-promql';

export interface Asked {
  metrics: string[];
  labels: string[];
  /** Where the grammar does not know what it reads. */
  faults: string[];
}

export function askedIn(expression: string): Asked {
  const asked: Asked = { metrics: [], labels: [], faults: [] };
  parser.parse(expression).iterate({
    enter: ({ type, from, to, node }) => {
      const text = expression.slice(from, to);
      if (type.isError) asked.faults.push(expression.slice(Math.max(0, from - 10), to + 10));
      if (type.name === 'LabelName') asked.labels.push(text);
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') asked.metrics.push(text);
    },
  });
  return asked;
}
