// Texts of working in a customer's organization.

export const actingWords = {
  enter: 'Work in this organization',
  band: {
    label: 'Working in another organization',
    text: 'You are working in',
    inactive: 'deactivated',
    leave: 'Leave',
    renamed: (before: string, name: string) => `${before} is called ${name} now.`,
  },
  dialog: (name: string) => `In ${name}`,
  picker: {
    open: 'Switch organization:',
    label: 'Work in organization',
    placeholder: 'Name or external id',
    own: (name: string) => `${name} (your own)`,
    inactive: 'Deactivated',
    more: 'There are more: type to find them.',
    nothing: 'No organization has this name or external id.',
  },
  gone: {
    title: 'This organization is not there',
    text: 'It was deleted, or the address is mistyped. Nothing of any other organization is shown here.',
  },
  refused: {
    title: 'You may not work in this organization',
    text: 'Working in an organization that is not yours takes the permissions act:organization and read:organization in the organization that operates this server.',
  },
  failed: 'The organization could not be loaded',
  back: (name: string) => `Back to ${name}`,
  all: 'All organizations',
};
