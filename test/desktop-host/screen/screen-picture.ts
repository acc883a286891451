import type { Picture } from '../png.ts';

/** A place on the screen. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const BYTES = 4;

/**
 * The screen out of the file in which Xvfb keeps it (`-fbdir`): an X window dump, X11/XWDFile.h.
 * @throws Error for a screen of another kind than 32 bits a pixel, lowest byte first.
 */
export function screenPicture(dump: Buffer): Picture {
  const field = (index: number): number => dump.readUInt32BE(index * 4);
  const [headerBytes, width, height, byteOrder] = [field(0), field(4), field(5), field(7)];
  const [bits, lineBytes, colours] = [field(11), field(12), field(19)];
  if (bits !== 32 || byteOrder !== 0) throw new Error('A screen of another kind.');
  const start = headerBytes + colours * 12;
  const pixels = new Uint8Array(width * height * BYTES);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = start + y * lineBytes + x * BYTES;
      const to = (y * width + x) * BYTES;
      pixels[to] = dump[from + 2] ?? 0;
      pixels[to + 1] = dump[from + 1] ?? 0;
      pixels[to + 2] = dump[from] ?? 0;
      pixels[to + 3] = 255;
    }
  }
  return { width, height, pixels };
}

/** Colours may be off by so much, because somebody mixed them with a background. */
const TOLERANCE = 3;

/** Where the middle of a small picture is on the screen, by its opaque pixels; undefined when it is nowhere. */
export function findPicture(
  screen: Picture,
  wanted: Picture,
  rows: number = screen.height,
): Point | undefined {
  const marks = marksOf(wanted);
  if (!marks.some(({ isOpaque }) => isOpaque)) throw new Error('Nothing to look for.');
  for (let y = 0; y + wanted.height <= Math.min(rows, screen.height); y += 1) {
    for (let x = 0; x + wanted.width <= screen.width; x += 1) {
      if (isThere(screen, marks, x, y)) {
        return { x: x + Math.floor(wanted.width / 2), y: y + Math.floor(wanted.height / 2) };
      }
    }
  }
  return undefined;
}

interface Mark extends Point {
  readonly colour: readonly number[];
  /** Otherwise it is see-through, and must look different. */
  readonly isOpaque: boolean;
}

function marksOf({ width, pixels }: Picture): Mark[] {
  const all = Array.from({ length: pixels.length / BYTES }, (_, index): Mark & { alpha: number } => {
    const colour = [...pixels.subarray(index * BYTES, index * BYTES + 3)];
    const alpha = pixels[index * BYTES + 3] ?? 0;
    return { x: index % width, y: Math.floor(index / width), colour, isOpaque: alpha === 255, alpha };
  });
  const ink = all.find(({ isOpaque }) => isOpaque)?.colour ?? [];
  // Half see-through pixels look like anything.
  return all.flatMap(({ alpha, ...mark }) => {
    if (mark.isOpaque) return [mark];
    return alpha === 0 ? [{ ...mark, colour: ink }] : [];
  });
}

function isThere({ width, pixels }: Picture, marks: readonly Mark[], left: number, top: number): boolean {
  return marks.every(({ x, y, colour, isOpaque }) => {
    const at = ((top + y) * width + left + x) * BYTES;
    const isLike = colour.every(
      (value, channel) => Math.abs((pixels[at + channel] ?? 0) - value) <= TOLERANCE,
    );
    return isLike === isOpaque;
  });
}
