// How far two clocks may be apart before it is said.

export const mostApartMs = 2_000;
