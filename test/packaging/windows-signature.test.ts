import { describe, expect, test } from 'vitest';
import { withoutSignature } from '#main/packaging/windows-signature.ts';

const HEADER = 0x80;
const CHECKSUM = HEADER + 0x58;
const CERTIFICATES = HEADER + 0xa8;

/** The headers of a 64-bit program, some code, and a signature of these bytes at the end. */
function program(signature: string): Buffer {
  const file = Buffer.alloc(1024, 0x90);
  file.writeUInt32LE(HEADER, 0x3c);
  file.write('PE\0\0', HEADER, 'latin1');
  file.writeUInt16LE(0x20b, HEADER + 0x18);
  file.writeUInt32LE(0xfeed, CHECKSUM);
  file.writeUInt32LE(signature === '' ? 0 : file.length, CERTIFICATES);
  file.writeUInt32LE(signature.length, CERTIFICATES + 4);
  return Buffer.concat([file, Buffer.from(signature)]);
}

describe('a Windows program', () => {
  test('loses its signature, what points at it, and its checksum, and nothing else', () => {
    const signed = program('signature');
    const bare = withoutSignature(signed);
    expect(bare.length).toBe(1024);
    const expected = Buffer.from(signed.subarray(0, 1024));
    expected.fill(0, CERTIFICATES, CERTIFICATES + 8).fill(0, CHECKSUM, CHECKSUM + 4);
    expect(bare).toEqual(expected);
    expect(signed).toEqual(program('signature'));
  });

  test('without a signature stays as it is', () => {
    expect(withoutSignature(program('')).length).toBe(1024);
  });

  test('with something behind its signature is refused', () => {
    const more = Buffer.concat([program('signature'), Buffer.from('more')]);
    expect(() => withoutSignature(more)).toThrow('not at the end');
  });

  test.each([
    ['an empty file', Buffer.alloc(0)],
    ['a script', Buffer.from('#!/bin/sh\n'.repeat(20))],
    ['headers that are cut off', program('').subarray(0, CERTIFICATES)],
    [
      'a 32-bit program',
      Buffer.from(program(''))
        .fill(0x0b, HEADER + 0x18, HEADER + 0x19)
        .fill(1, HEADER + 0x19, HEADER + 0x1a),
    ],
    ['no PE signature', Buffer.from(program('')).fill(0, HEADER, HEADER + 4)],
  ])('is not %s', (_, file) => {
    expect(() => withoutSignature(file)).toThrow('no 64-bit program of Windows');
  });
});
