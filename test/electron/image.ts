import { readFileSync } from 'node:fs';
import { whole } from './announcer.ts';

const PNG = [0x89, 0x50, 0x4e, 0x47];
const ICO = [0, 0, 1, 0];

type Members = 'addRepresentation' | 'getSize' | 'isEmpty' | 'isTemplateImage' | 'setTemplateImage';

/** An image that remembers what it was made of. Only PNG and ICO are understood, and only their size. */
export class DoubleImage implements Pick<Electron.NativeImage, Members> {
  /** The file, when it was made of one. */
  readonly path: string | undefined;
  readonly representations: Electron.AddRepresentationOptions[] = [];
  readonly #bytes: Uint8Array;
  #isTemplate = false;

  constructor(bytes: Uint8Array, path?: string) {
    this.#bytes = bytes;
    this.path = path;
    // As macOS does it, by the name of the file.
    this.#isTemplate = path !== undefined && /Template(@\dx)?\.png$/.test(path);
  }

  addRepresentation(options: Electron.AddRepresentationOptions): void {
    this.representations.push(options);
  }

  getSize(): Electron.Size {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    if (this.#begins(PNG)) return { width: view.getUint32(16), height: view.getUint32(20) };
    // The first of its pictures; 0 stands for 256.
    if (this.#begins(ICO)) return { width: view.getUint8(6) || 256, height: view.getUint8(7) || 256 };
    return { width: 0, height: 0 };
  }

  isEmpty(): boolean {
    return !this.#begins(PNG) && !this.#begins(ICO);
  }

  #begins(bytes: readonly number[]): boolean {
    return this.#bytes.length >= 24 && bytes.every((byte, place) => this.#bytes[place] === byte);
  }

  setTemplateImage(option: boolean): void {
    this.#isTemplate = option;
  }

  isTemplateImage(): boolean {
    return this.#isTemplate;
  }
}

type Makers = 'createEmpty' | 'createFromBuffer' | 'createFromDataURL' | 'createFromPath';

/** Electron's `nativeImage`. A file that cannot be read makes an empty image, as it does there. */
export const nativeImage: Pick<typeof Electron.NativeImage, Makers> = {
  createEmpty: () => image(new Uint8Array()),
  createFromBuffer: (bytes) => image(bytes),
  createFromDataURL: (url) => image(Buffer.from(url.replace(/^data:image\/png;base64,/, ''), 'base64')),
  createFromPath: (path) => image(bytesOf(path), path),
};

function image(bytes: Uint8Array, path?: string): Electron.NativeImage {
  return whole<Electron.NativeImage>(new DoubleImage(bytes, path));
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array();
  }
}

/** What a double knows of an image that Electron's types hide. */
export function doubleOf(given: Electron.NativeImage | string): DoubleImage {
  if (given instanceof DoubleImage) return given;
  if (typeof given === 'string') return new DoubleImage(bytesOf(given), given);
  throw new Error('An image that the double of Electron did not make.');
}
