// Packs a PNG as tightly as pictures of pages allow: at most 256 colours, which is more than one tells apart on them, and
// compressed as hard as zlib can.

import { crc32, deflateSync, inflateSync } from 'node:zlib';

const mostColours = 256;

/** The image in fewer bytes, or as it was. Of the PNGs that a browser makes: 8 bits, opaque, not interlaced. */
export function smaller(image: Buffer): Buffer {
  const chunks = chunksOf(image);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (header === undefined || header[8] !== 8 || header[12] !== 0) return image;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const size = header[9] === 6 ? 4 : header[9] === 2 ? 3 : 0;
  if (size === 0) return image;
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((one) => one.data)));
  const { palette, pixels } = indexed(unfiltered(data, width, height, size), size);
  const rows = Array.from({ length: height }, (_, row) => pixels.subarray(row * width, (row + 1) * width));
  const lines = Buffer.concat(rows.flatMap((row) => [Buffer.of(0), row]));
  const newHeader = Buffer.from(header);
  newHeader[9] = 3;
  const packed = Buffer.concat([
    image.subarray(0, 8),
    chunk('IHDR', newHeader),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND'),
  ]);
  return packed.length < image.length ? packed : image;
}

interface Chunk {
  type: string;
  data: Buffer;
}

function chunksOf(image: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < image.length; ) {
    const length = image.readUInt32BE(at);
    chunks.push({ type: image.toString('latin1', at + 4, at + 8), data: image.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** Undoes the filter of each row (PNG, section 9). */
function unfiltered(data: Buffer, width: number, height: number, size: number): Buffer {
  const stride = width * size;
  const pixels = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)];
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column >= size ? (pixels[at - size] ?? 0) : 0;
      const up = row > 0 ? (pixels[at - stride] ?? 0) : 0;
      const corner = row > 0 && column >= size ? (pixels[at - stride - size] ?? 0) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[at] = ((data[row * (stride + 1) + 1 + column] ?? 0) + predicted) & 255;
    }
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** The most frequent colours, and for each pixel the one of them that is nearest to it. */
function indexed(pixels: Buffer, size: number): { palette: Buffer; pixels: Buffer } {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += size) {
    const colour = pixels.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const colours = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  const kept = colours.slice(0, mostColours);
  const places = new Map(colours.map((colour, index) => [colour, index < kept.length ? index : nearest(colour, kept)]));
  const found = Buffer.alloc(pixels.length / size);
  for (let to = 0; to < found.length; to += 1) found[to] = places.get(pixels.readUIntBE(to * size, 3)) ?? 0;
  const palette = Buffer.alloc(kept.length * 3);
  for (const [index, colour] of kept.entries()) palette.writeUIntBE(colour, index * 3, 3);
  return { palette, pixels: found };
}

function nearest(colour: number, kept: readonly number[]): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (const [index, one] of kept.entries()) {
    const distance = [16, 8, 0].reduce(
      (sum, shift) => sum + (((colour >> shift) & 255) - ((one >> shift) & 255)) ** 2,
      0,
    );
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
