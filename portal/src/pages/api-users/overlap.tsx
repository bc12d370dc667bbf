// While an API user is being rotated: who still uses the old password, and the way to end it.

import type { ApiUser } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { rotationWords } from '../../words/rotation.ts';
import { renewing } from '../access/renewing.ts';
import { Overlap } from '../rotation/overlap.tsx';

const words = rotationWords.apiUser.overlap;

export interface ApiUserOverlapProps {
  id: string;
  rotation: NonNullable<ApiUser['rotation']>;
  onClose: () => void;
}

export function ApiUserOverlap({ id, rotation, onClose }: ApiUserOverlapProps) {
  const form = useForm({
    initial: {},
    send: async () => {
      const path = `/v1/api-users/${part(id)}/previous-password`;
      await renewing('API user', ['/v1/api-users', '/v1/journal'], () => api.delete(path));
      showDone(words.ended);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.end} isDangerous onCancel={onClose}>
      <Overlap noun="apiUser" rotation={rotation} />
      <Text fz="sm">{words.endText}</Text>
    </DialogForm>
  );
}
