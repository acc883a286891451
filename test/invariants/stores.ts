import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { beforeHomeGoes } from '../canary/home.ts';
import { broken } from './broken.ts';

/**
 * What `writeWhole` of this process writes before it takes the place of a file. That of a process that was killed stays
 * until a later start sweeps it.
 */
const TEMPORARY = new RegExp(`^\\..+\\.${process.pid}\\.[0-9a-f]{12}\\.tmp$`);
/** The stores in `config/`. */
const DOCUMENTS = /^(?:accounts|settings|clients|connections|desktop)\.json$/;
/** First bytes of a sealed file, and the least that stands around what it seals (`vault/seal.ts`). */
const SEAL = Buffer.from('GWSEAL\r\n', 'latin1');
const SEALED_BYTES = SEAL.length + 2 + 8 + 12 + 16;

/** INV-5: looks through every folder of a test before it is removed. */
export function watchStores(): void {
  beforeHomeGoes(checkStores);
}

/**
 * INV-5: whatever of Gangway's stores is below the folder can be read back whole, and no half-written file lies about.
 * Files that a test damaged itself are excused by it.
 */
export function checkStores(folder: string): void {
  for (const { parent, name } of filesBelow(folder)) {
    const path = join(parent, name);
    if (TEMPORARY.test(name)) broken('INV-5', `half-written: ${relative(folder, path)}`);
    else if (basename(parent) === 'config' && DOCUMENTS.test(name) && !isWholeJson(path))
      broken('INV-5', `damaged: ${relative(folder, path)}`);
    else if (name.endsWith('.sealed') && !isSealed(path))
      broken('INV-5', `damaged: ${relative(folder, path)}`);
  }
}

function filesBelow(folder: string): { parent: string; name: string }[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => ({ parent: parentPath, name }));
  } catch {
    return [];
  }
}

function isWholeJson(path: string): boolean {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof read === 'object' && read !== null;
  } catch {
    return false;
  }
}

function isSealed(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return bytes.length > SEALED_BYTES && bytes.subarray(0, SEAL.length).equals(SEAL);
  } catch {
    return false;
  }
}
