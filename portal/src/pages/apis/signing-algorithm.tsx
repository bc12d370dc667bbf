// What the access tokens for an API are signed with, for clients and libraries that know one algorithm alone.

import type { Api } from '@keyward/sdk/wire';
import { Select } from '@mantine/core';
import type { Form } from '../../parts/form.tsx';
import { apisWords } from '../../words/apis.ts';

export type Algorithm = Api['signingAlgorithm'];

const algorithms: readonly Algorithm[] = ['ES256', 'RS256', 'EdDSA'];

export function SigningAlgorithm({ value, onChange, error }: ReturnType<Form<Chosen>['value']>) {
  return (
    <Select
      label={apisWords.new.signingAlgorithm}
      description={apisWords.new.signingAlgorithmHint}
      data={algorithms.map((value) => ({ value, label: apisWords.new.signingAlgorithms[value] }))}
      allowDeselect={false}
      value={value}
      onChange={(chosen) => {
        const found = algorithms.find((one) => one === chosen);
        if (found !== undefined) onChange(found);
      }}
      error={error}
    />
  );
}

interface Chosen {
  signingAlgorithm: Algorithm;
}
