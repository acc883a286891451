import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawAll, pixels, states } from '#main/icons/draw.ts';
import { iconFile } from '#main/tray-icon.ts';

const FOLDER = join(import.meta.dirname, '../../main/icons');
const read = (name: string): Buffer => readFileSync(join(FOLDER, name));
const drawn = drawAll(FOLDER);

/** Size of a PNG file (PNG specification 11.2.1). */
function sizeOf(png: Buffer): number {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect(png.readUInt32BE(16)).toBe(png.readUInt32BE(20));
  return png.readUInt32BE(16);
}

/** Every pixel of a PNG file. */
function pixelsOf(png: Buffer): Buffer {
  const size = sizeOf(png);
  const url = `data:image/png;base64,${png.toString('base64')}`;
  const image = `<image href="${url}" width="${size}" height="${size}" image-rendering="optimizeSpeed"/>`;
  const frame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}">${image}</svg>`;
  return pixels(frame, size);
}

/** The pictures in an ICO file. */
function picturesOfIco(file: Buffer): Buffer[] {
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  return Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
    const entry = 6 + 16 * index;
    const start = file.readUInt32LE(entry + 12);
    const picture = file.subarray(start, start + file.readUInt32LE(entry + 8));
    expect(file.readUInt8(entry)).toBe(sizeOf(picture) % 256);
    expect(file.readUInt8(entry + 1)).toBe(sizeOf(picture) % 256);
    return picture;
  });
}

/** The pictures in an ICNS file, by their type. */
function picturesOfIcns(file: Buffer): Map<string, Buffer> {
  expect(file.toString('latin1', 0, 4)).toBe('icns');
  expect(file.readUInt32BE(4)).toBe(file.length);
  const found = new Map<string, Buffer>();
  for (let place = 8; place < file.length; ) {
    const length = file.readUInt32BE(place + 4);
    found.set(file.toString('latin1', place, place + 4), file.subarray(place + 8, place + length));
    place += length;
  }
  return found;
}

function picturesOf(name: string, file: Buffer): Buffer[] {
  if (name.endsWith('.ico')) return picturesOfIco(file);
  return name.endsWith('.icns') ? [...picturesOfIcns(file).values()] : [file];
}

describe('the pictures in the repository', () => {
  const made = globSync('**/*.{png,ico,icns}', { cwd: FOLDER }).map((name) => name.replaceAll('\\', '/'));

  test('are those that the drawings make, no more and no fewer', () => {
    expect(made.sort()).toEqual([...drawn.keys()].sort());
  });

  test.each([...drawn.keys()])('%s shows what its drawing shows now', (name) => {
    const [kept, fresh] = [picturesOf(name, read(name)), picturesOf(name, drawn.get(name)!)];
    expect(kept.map(sizeOf)).toEqual(fresh.map(sizeOf));
    for (const [index, picture] of kept.entries()) {
      const [before, after] = [pixelsOf(picture), pixelsOf(fresh[index]!)];
      // Another processor may round the last digit differently.
      expect(before.findIndex((value, place) => Math.abs(value - after[place]!) > 3)).toBe(-1);
    }
  });
});

describe('the states of the tray', () => {
  const inBlack = (state: string, size: number): boolean[] => {
    const svg = read(`tray/${state}.svg`).toString('utf8').replaceAll('currentColor', '#000');
    const all = pixels(svg, size);
    return Array.from({ length: size * size }, (_, index) => all[4 * index + 3]! > 127);
  };
  const pairs = states.flatMap((one, index) => states.slice(index + 1).map((other) => [one, other] as const));

  test.each(pairs)('%s and %s differ by shape, in more than 8 of 100 pixels of plain black', (one, other) => {
    for (const size of [16, 22, 32]) {
      const [a, b] = [inBlack(one, size), inBlack(other, size)];
      const different = a.filter((isBlack, index) => isBlack !== b[index]).length;
      expect(different / (size * size)).toBeGreaterThan(0.08);
    }
  });

  test.each(states)('%s has a picture for every system and panel', (state) => {
    for (const platform of ['darwin', 'win32', 'linux'] as const) {
      for (const isDark of [true, false]) {
        const name = `tray/${iconFile(state, platform, isDark)}`;
        expect(drawn.has(name)).toBe(true);
        if (platform !== 'win32') expect(drawn.has(name.replace('.png', '@2x.png'))).toBe(true);
      }
    }
  });

  test.each(states)('%s has one colour for each panel, and black for macOS', (state) => {
    const colours = (name: string): string[] => {
      const all = pixelsOf(read(name));
      const full = Array.from({ length: all.length / 4 }, (_, index) =>
        all.subarray(4 * index, 4 * index + 4),
      );
      return [...new Set(full.filter((pixel) => pixel[3] === 255).map((pixel) => pixel.toString('hex')))];
    };
    expect(colours(`tray/${state}-on-light.png`)).toEqual(['1f2430ff']);
    expect(colours(`tray/${state}-on-dark.png`)).toEqual(['ffffffff']);
    expect(colours(`tray/${state}Template.png`)).toEqual(['000000ff']);
  });
});

describe('the containers', () => {
  test('for Windows hold the sizes its scale factors need', () => {
    expect(picturesOfIco(read('app.ico')).map(sizeOf)).toEqual([16, 20, 24, 32, 40, 48, 64, 128, 256]);
    expect(picturesOfIco(read('tray/busy-on-dark.ico')).map(sizeOf)).toEqual([16, 20, 24, 32, 48]);
  });

  test('for macOS hold each size under the type that means it', () => {
    const sizes = [...picturesOfIcns(read('app.icns'))].map(([type, picture]) => [type, sizeOf(picture)]);
    expect(Object.fromEntries(sizes)).toEqual({
      ic11: 32,
      ic12: 64,
      ic07: 128,
      ic13: 256,
      ic08: 256,
      ic14: 512,
      ic09: 512,
      ic10: 1024,
    });
  });

  test.each([16, 24, 32, 48, 64, 128, 256, 512, 1024])('for Linux have a file of %i pixels', (size) => {
    expect(sizeOf(read(`app/${size}x${size}.png`))).toBe(size);
  });
});
