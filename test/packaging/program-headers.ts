import type { Processor } from '#main/packaging/processors.ts';

const HEADER = 64;

/** The first bytes of a program for Linux. */
export function linuxHeader(processor: Processor): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(processor === 'x64' ? 62 : 183, 18);
  return header;
}

/** The first bytes of a program for Windows. */
export function windowsHeader(processor: Processor): Buffer {
  const header = Buffer.alloc(HEADER + 8);
  header.write('MZ', 'latin1');
  header.writeUInt32LE(HEADER, 0x3c);
  header.write('PE\0\0', HEADER, 'latin1');
  header.writeUInt16LE(processor === 'x64' ? 0x8664 : 0xaa64, HEADER + 4);
  return header;
}

/** The first bytes of a program for macOS; of a universal one when it is for several processors. */
export function macHeader(...processors: readonly Processor[]): Buffer {
  const types = processors.map((processor) => (processor === 'x64' ? 0x01000007 : 0x0100000c));
  const header = Buffer.alloc(HEADER);
  const [only] = types;
  if (types.length === 1 && only !== undefined) {
    header.writeUInt32LE(0xfeedfacf);
    header.writeUInt32LE(only, 4);
    return header;
  }
  header.writeUInt32BE(0xcafebabe);
  header.writeUInt32BE(types.length, 4);
  for (const [index, type] of types.entries()) header.writeUInt32BE(type, 8 + index * 20);
  return header;
}
