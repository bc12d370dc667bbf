// Where light or dark is remembered; the pages read it too, before their first paint.

export const schemeKey = 'keyward-scheme';
