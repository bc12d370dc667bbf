// What names an organization in a request: its id, or else its name. A name of an id's form, as organizations could once be
// given, names nothing: it would pass for the organization whose id it is.

const idForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function hasIdForm(text: string): boolean {
  return text.length === 36 && idForm.test(text);
}

/** Whether the organization of this id and name is meant. */
export function isNamedBy(handle: string, id: string, name: string): boolean {
  return handle === id || (handle === name && !hasIdForm(handle));
}
