// CRC-32, the checksum at the end of every API token: it tells typos and noise from tokens before anything is asked.
// It guards against accidents only; what a token is worth is decided by its digest.

/** CRC-32 of ASCII `text` (ISO-HDLC, the one of zip and PNG): an unsigned 32-bit integer. Throws for any other text. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  let all = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    all |= code;
    crc = (crc >>> 8) ^ (table[(crc ^ code) & 0xff] ?? 0);
  }
  if (all > 0x7f) throw new RangeError('A checksum is of ASCII text.');
  return ~crc >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
