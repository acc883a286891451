import { describe, expect, test } from 'vitest';
import { fuseTroubles } from '#main/packaging/fuses.ts';
import { FUSES, fuses } from './an-app.ts';

const around = Buffer.alloc(4096, 0x2e);
const binary = (...wires: Buffer[]): Buffer =>
  Buffer.concat([around, ...wires.flatMap((wire) => [wire, around])]);

describe('the fuses of a binary', () => {
  test('are right as electron-builder.yml asks for them', () => {
    expect(fuseTroubles(binary(FUSES))).toEqual([]);
  });

  test('may leave to Electron what is not ours to decide', () => {
    expect(fuseTroubles(binary(fuses('010011000')))).toEqual([]);
    expect(fuseTroubles(binary(fuses('01001100')))).toEqual([]);
  });

  test.each([
    ['110011001', 'RunAsNode is on, not off'],
    ['000011001', 'EnableCookieEncryption is off, not on'],
    ['011011001', 'EnableNodeOptionsEnvironmentVariable is on, not off'],
    ['010111001', 'EnableNodeCliInspectArguments is on, not off'],
    ['010001001', 'EnableEmbeddedAsarIntegrityValidation is off, not on'],
    ['010010001', 'OnlyLoadAppFromAsar is off, not on'],
    ['010011101', 'LoadBrowserProcessSpecificV8Snapshot is on, not off'],
    ['010011011', 'GrantFileProtocolExtraPrivileges is on, not off'],
    ['01001r001', 'OnlyLoadAppFromAsar is removed, not on'],
    ['010?11001', 'EnableNodeCliInspectArguments is unreadable, not off'],
    ['010011', 'LoadBrowserProcessSpecificV8Snapshot is unreadable, not off'],
  ])('%s: %s', (states, trouble) => {
    expect(fuseTroubles(binary(fuses(states)))).toContain(trouble);
  });

  test('must be right for both kinds of processor', () => {
    expect(fuseTroubles(binary(FUSES, FUSES))).toEqual([]);
    expect(fuseTroubles(binary(FUSES, fuses('110011001')))).toEqual(['RunAsNode is on, not off']);
  });

  test.each([
    ['none', Buffer.alloc(0), 'there are no fuses in the binary'],
    ['another version', fuses('010011001', 2), 'the fuses are of version 2, not 1'],
    ['a new fuse', fuses('0100110011'), 'Electron has 10 fuses, and 9 are known here'],
  ])('are not right when there is %s', (_, wire, trouble) => {
    expect(fuseTroubles(binary(wire))).toEqual([trouble]);
  });

  test('are not right when the file ends in them', () => {
    expect(fuseTroubles(fuses('0100', 1, 9))).toEqual(['the fuses are cut off']);
  });
});
