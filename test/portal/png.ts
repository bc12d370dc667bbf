// Packs a PNG more tightly than a browser in a hurry does: the same pixels, compressed as hard as zlib can.

import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** The image with the same pixels in fewer bytes, or as it was. Of the PNGs that a browser makes (8 bits, not interlaced). */
export function smaller(image: Buffer): Buffer {
  const chunks = chunksOf(image);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (header === undefined || header[8] !== 8 || header[12] !== 0) return image;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const size = header[9] === 6 ? 4 : header[9] === 2 ? 3 : 0;
  if (size === 0) return image;
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data)));
  const pixels = withoutAlpha(unfiltered(data, width, height, size), size);
  const plain = deflateSync(filtered(pixels, width, height), { level: 9, memLevel: 9 });
  const rgb = Buffer.from(header);
  rgb[9] = 2;
  const packed = Buffer.concat([image.subarray(0, 8), chunk('IHDR', rgb), chunk('IDAT', plain), chunk('IEND')]);
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

function withoutAlpha(pixels: Buffer, size: number): Buffer {
  if (size === 3) return pixels;
  const plain = Buffer.alloc((pixels.length / 4) * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4, to += 3) pixels.copy(plain, to, from, from + 3);
  return plain;
}

/** Rows without a filter: what repeats in a picture of a page repeats as it is. */
function filtered(pixels: Buffer, width: number, height: number): Buffer {
  const stride = width * 3;
  const rows = Array.from({ length: height }, (_, row) => pixels.subarray(row * stride, (row + 1) * stride));
  return Buffer.concat(rows.flatMap((row) => [Buffer.of(0), row]));
}
