// What an API token is to be left with, in words: permissions, addresses and APIs.

export interface Reach {
  permissions?: readonly string[];
  addresses?: readonly string[];
  apis?: readonly string[] | null;
}

/** `permissions read:funds; APIs default`; what is not said stays as it is, and is left out. */
export function reachText({ permissions, addresses, apis }: Reach): string {
  return [
    ...(permissions === undefined ? [] : [`permissions ${listed(permissions, 'none')}`]),
    ...(addresses === undefined ? [] : [`addresses ${listed(addresses, 'any')}`]),
    ...(apis === undefined ? [] : [`APIs ${listed(apis ?? [], 'all')}`]),
  ].join('; ');
}

function listed(all: readonly string[], otherwise: string): string {
  return all.length === 0 ? otherwise : all.join(', ');
}
