// A new federated credential: a few words about where the program runs become what must stand in its tokens, which can be
// changed by hand.

import type { FederatedCredential, NewFederatedCredential } from '@keyward/sdk/wire';
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { api, part } from '../../../api.ts';
import { DialogForm } from '../../../parts/dialog.tsx';
import { type Faults, useForm } from '../../../parts/form.tsx';
import { keysIn } from '../../../parts/jwks.ts';
import { showDone } from '../../../parts/notice.ts';
import { federatedWords, type Preset } from '../../../words/federated-credentials.ts';
import { renewing } from '../../access/renewing.ts';
import { type Choice, conditionsIn, conditionsOf, issuers } from './recipes.ts';

const words = federatedWords.new;

interface Values extends Choice {
  name: string;
  issuer: string;
  audience: string;
  conditions: string;
  /** Whether the conditions are not those of the choice any more. */
  isByHand: boolean;
  jwks: string;
}

function faultsIn(values: Values): Faults<Values> {
  const { preset, name, issuer, jwks } = values;
  const named = name.trim() === '' ? { name: words.nameNeeded } : {};
  const keys = keysIn(jwks);
  const malformed = keys === undefined ? { jwks: words.jwksMalformed } : {};
  if (preset === 'key') return { ...named, ...malformed, ...(keys === null && { jwks: words.jwksNeeded }) };
  return {
    ...named,
    ...malformed,
    ...(issuer.trim() === '' && { issuer: words.issuerNeeded }),
    ...(faultInChoice(values) ?? faultInConditions(values)),
  };
}

/** Undefined where the conditions were written by hand, and where nothing is chosen. */
function faultInChoice({ preset, place, which, detail, isByHand }: Values): Faults<Values> | undefined {
  const recipe = words.recipes[preset];
  if (recipe === undefined || isByHand) return undefined;
  const hasBox = recipe.choices[which]?.[1] !== '';
  const faults = {
    ...(place.trim() === '' && { place: recipe.placeNeeded }),
    ...(hasBox && detail.trim() === '' && { detail: words.detailNeeded }),
  };
  return Object.keys(faults).length === 0 ? undefined : faults;
}

function faultInConditions({ conditions: text }: Values): Faults<Values> {
  const read = conditionsIn(text);
  if (read.wrong !== undefined) return { conditions: words.conditionMalformed(read.wrong) };
  return Object.keys(read.conditions).length === 0 ? { conditions: words.conditionsNeeded } : {};
}

function wantedIn({ preset, name, issuer, audience, conditions: text, jwks: keys }: Values): NewFederatedCredential {
  const jwks = preset === 'github' || preset === 'gitlab' ? null : (keysIn(keys) ?? null);
  if (preset === 'key') return { name, issuer: null, jwks };
  const read = conditionsIn(text);
  return {
    name,
    issuer: issuer.trim(),
    ...(audience.trim() !== '' && { audience: audience.trim() }),
    ...(read.wrong === undefined && { conditions: read.conditions }),
    ...(jwks !== null && { jwks }),
  };
}

function begun(preset: Preset): Choice & Pick<Values, 'issuer' | 'conditions' | 'isByHand'> {
  const [which = ''] = Object.keys(words.recipes[preset]?.choices ?? {});
  const choice = { preset, place: '', which, detail: '' };
  return { ...choice, issuer: issuers[preset], conditions: conditionsOf(choice), isByHand: false };
}

interface AddProps {
  id: string;
  onAdded: (credential: FederatedCredential) => void;
  onClose: () => void;
}

export function AddFederatedCredential({ id, onAdded, onClose }: AddProps) {
  const form = useForm<Values>({
    initial: { ...begun('github'), name: '', audience: '', jwks: '' },
    check: faultsIn,
    send: async (values) => {
      const path = `/v1/api-users/${part(id)}/federated-credentials`;
      const added = await renewing('API user', [path, '/v1/journal'], () =>
        api.post<FederatedCredential>(path, wantedIn(values)),
      );
      showDone(words.done);
      onAdded(added);
    },
  });
  const { preset, which } = form.values;
  const set = (changes: Partial<Values>) => {
    for (const [name, value] of Object.entries(changes)) form.set(name as keyof Values, value as Values[keyof Values]);
  };
  const choose = (changes: Partial<Choice>) => {
    set({ ...changes, conditions: conditionsOf({ ...form.values, ...changes }), isByHand: false });
  };
  const recipe = words.recipes[preset];
  const [, box = '', example = ''] = recipe?.choices[which] ?? [];
  return (
    <DialogForm form={form} go={words.go} onCancel={onClose}>
      <NativeSelect
        label={words.preset}
        data={Object.entries(words.presets).map(([value, label]) => ({ value, label }))}
        value={preset}
        onChange={({ currentTarget }) => set(begun(currentTarget.value as Preset))}
      />
      <TextInput label={words.name} data-autofocus autoComplete="off" {...form.text('name')} />
      {recipe !== undefined && (
        <>
          <TextInput
            label={recipe.place}
            placeholder={recipe.placeholder}
            autoComplete="off"
            spellCheck={false}
            {...form.text('place')}
            onChange={({ currentTarget }) => choose({ place: currentTarget.value })}
          />
          {Object.keys(recipe.choices).length > 1 && (
            <NativeSelect
              label={recipe.which}
              data={Object.entries(recipe.choices).map(([value, [label]]) => ({ value, label }))}
              value={which}
              onChange={({ currentTarget }) => choose({ which: currentTarget.value })}
            />
          )}
          {box !== '' && (
            <TextInput
              label={box}
              placeholder={example}
              autoComplete="off"
              spellCheck={false}
              {...form.text('detail')}
              onChange={({ currentTarget }) => choose({ detail: currentTarget.value })}
            />
          )}
        </>
      )}
      {preset !== 'key' && (
        <>
          <Textarea
            label={words.conditions}
            description={words.conditionsHint}
            autosize
            minRows={2}
            spellCheck={false}
            {...form.text('conditions')}
            onChange={({ currentTarget }) => set({ conditions: currentTarget.value, isByHand: true })}
          />
          <TextInput label={words.issuer} description={words.issuerHint} autoComplete="off" {...form.text('issuer')} />
          <TextInput
            label={words.audience}
            description={words.audienceHint}
            autoComplete="off"
            {...form.text('audience')}
          />
        </>
      )}
      {preset !== 'github' && preset !== 'gitlab' && (
        <Textarea
          label={words.jwks}
          description={preset === 'key' ? words.ownJwksHint : words.jwksHint}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          {...form.text('jwks')}
        />
      )}
    </DialogForm>
  );
}
