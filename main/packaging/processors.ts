/** Kinds of processor, as Node calls them. */
export type Processor = 'x64' | 'arm64';

/** What the headers of programs call them. */
const elf = new Map<number, Processor>([
  [62, 'x64'],
  [183, 'arm64'],
]);
const pe = new Map<number, Processor>([
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
]);
const machO = new Map<number, Processor>([
  [0x01000007, 'x64'],
  [0x0100000c, 'arm64'],
]);

const MACH_O = 0xfeedfacf;
const MACH_O_UNIVERSAL = 0xcafebabe;
const HEADER = 64;

/**
 * For which processors a program or library is, by its headers: ELF, PE, Mach-O and the universal files of macOS. Empty when
 * it is none of these, or for another processor.
 */
export function processorsOf(program: Buffer): Processor[] {
  if (program.length < HEADER) return [];
  if (program.toString('latin1', 0, 4) === '\x7fELF') return known(elf, [program.readUInt16LE(18)]);
  if (program.toString('latin1', 0, 2) === 'MZ') return ofWindows(program);
  if (program.readUInt32LE(0) === MACH_O) return known(machO, [program.readUInt32LE(4)]);
  if (program.readUInt32BE(0) === MACH_O_UNIVERSAL) return ofUniversal(program);
  return [];
}

function ofWindows(program: Buffer): Processor[] {
  const start = program.readUInt32LE(0x3c);
  return start + 6 <= program.length ? known(pe, [program.readUInt16LE(start + 4)]) : [];
}

/** A count, and 20 bytes for each half that begin with its processor. */
function ofUniversal(program: Buffer): Processor[] {
  const places = Array.from({ length: Math.min(program.readUInt32BE(4), 4) }, (_, index) => 8 + index * 20);
  return known(
    machO,
    places.filter((place) => place + 4 <= program.length).map((place) => program.readUInt32BE(place)),
  );
}

function known(names: ReadonlyMap<number, Processor>, found: readonly number[]): Processor[] {
  return found.flatMap((each) => names.get(each) ?? []);
}
