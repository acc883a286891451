import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

/**
 * Makes every picture of the app out of the SVG files beside it: `node main/icons/draw.ts`. The outputs are committed;
 * a test says when they are behind. Nothing of this runs in the app.
 */
export const states = ['fine', 'busy', 'attention', 'paused', 'offline'] as const;

const INKS = { 'on-light': '#1f2430', 'on-dark': '#ffffff' } as const;
const TEMPLATE_INK = '#000000';

/** Windows takes the size its scale factor needs out of one file. */
const TRAY_ICO = [16, 20, 24, 32, 48];
const APP_ICO = [16, 20, 24, 32, 40, 48, 64, 128, 256];
const APP_PNG = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/** Drawn without details up to this size. */
const SMALL = 32;

/** Type and size of each picture in an ICNS file. The types for plain 16 and 32 pixels do not take PNG everywhere. */
const ICNS = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
] as const;

/** A square picture of a drawing, as PNG. */
export function png(svg: string, size: number): Buffer {
  return rendered(svg, size).asPng();
}

/** The same, four bytes per pixel: red, green, blue, opacity. */
export function pixels(svg: string, size: number): Buffer {
  return rendered(svg, size).pixels;
}

function rendered(svg: string, size: number): ReturnType<Resvg['render']> {
  return new Resvg(svg, { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } }).render();
}

/** Every picture there has to be, by its path below the folder of the drawings. */
export function drawAll(folder: string): Map<string, Buffer> {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const files = new Map<string, Buffer>();
  for (const state of states) for (const [name, bytes] of trayFiles(state, read)) files.set(name, bytes);
  for (const [name, bytes] of appFiles(read)) files.set(name, bytes);
  return files;
}

type Read = (name: string) => string;

/**
 * Names as Electron wants them: `@2x` for twice the resolution, `Template` for a picture that macOS colours itself.
 * Panels of Linux give 22 pixels, of which the picture fills 16, as other icons there do.
 */
function* trayFiles(state: (typeof states)[number], read: Read): Generator<[string, Buffer]> {
  const drawing = read(`tray/${state}.svg`);
  for (const [place, ink] of Object.entries(INKS)) {
    const inked = drawing.replaceAll('currentColor', ink);
    const roomy = inked.replace('viewBox="0 0 16 16"', 'viewBox="-3 -3 22 22"');
    yield [`tray/${state}-${place}.png`, png(roomy, 22)];
    yield [`tray/${state}-${place}@2x.png`, png(roomy, 44)];
    yield [`tray/${state}-${place}.ico`, ico(TRAY_ICO.map((size) => [size, png(inked, size)]))];
  }
  const template = drawing.replaceAll('currentColor', TEMPLATE_INK);
  yield [`tray/${state}Template.png`, png(template, 16)];
  yield [`tray/${state}Template@2x.png`, png(template, 32)];
}

/** The app itself: macOS wants a margin around the tile, the other two do not. */
function* appFiles(read: Read): Generator<[string, Buffer]> {
  const spacious = read('app.svg');
  const close = spacious.replace('viewBox="0 0 1024 1024"', 'viewBox="92 92 840 840"');
  const small = read('app-small.svg');
  const tile = (size: number): Buffer => png(size <= SMALL ? small : close, size);
  for (const size of APP_PNG) yield [`app/${size}x${size}.png`, tile(size)];
  yield ['app.ico', ico(APP_ICO.map((size) => [size, tile(size)]))];
  yield ['app.icns', icns(ICNS.map(([type, size]) => [type, png(spacious, size)]))];
}

/** PNG pictures in an ICO file: a head, one entry of 16 bytes each, then the pictures. */
function ico(pictures: readonly (readonly [size: number, bytes: Buffer])[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let place = head.length;
  for (const [index, [size, bytes]] of pictures.entries()) {
    const entry = 6 + 16 * index;
    // 0 stands for 256.
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(bytes.length, entry + 8);
    head.writeUInt32LE(place, entry + 12);
    place += bytes.length;
  }
  return Buffer.concat([head, ...pictures.map(([, bytes]) => bytes)]);
}

/** PNG pictures in an ICNS file: type and length, big-endian, before each of them and before the whole. */
function icns(pictures: readonly (readonly [type: string, bytes: Buffer])[]): Buffer {
  const chunks = pictures.map(([type, bytes]) => chunk(type, bytes));
  return chunk('icns', Buffer.concat(chunks));
}

function chunk(type: string, bytes: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(8 + bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

if (import.meta.main) {
  const folder = import.meta.dirname;
  for (const old of globSync('**/*.{png,ico,icns}', { cwd: folder })) rmSync(join(folder, old));
  for (const [name, bytes] of drawAll(folder)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
