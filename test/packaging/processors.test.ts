import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { processorsOf } from '#main/packaging/processors.ts';
import { linuxHeader, macHeader, windowsHeader } from './program-headers.ts';

const other = (header: Buffer, place: number): Buffer => {
  const changed = Buffer.from(header);
  changed.writeUInt16LE(3, place);
  return changed;
};

describe('the processors of a program', () => {
  test.each(['x64', 'arm64'] as const)('%s, on every system', (processor) => {
    for (const header of [linuxHeader, windowsHeader, macHeader]) {
      expect(processorsOf(header(processor))).toEqual([processor]);
    }
  });

  test('both, in a universal program', () => {
    expect(processorsOf(macHeader('x64', 'arm64'))).toEqual(['x64', 'arm64']);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a script', Buffer.from('#!/bin/sh\n'.repeat(20))],
    ['another processor on Linux', other(linuxHeader('x64'), 18)],
    ['another processor on Windows', other(windowsHeader('x64'), 68)],
    ['another processor on macOS', other(macHeader('x64'), 4)],
    ['a header that points out of the file', other(windowsHeader('x64'), 0x3e)],
  ])('none, of %s', (_, program) => {
    expect(processorsOf(program)).toEqual([]);
  });

  test('its own, of the Node that runs this', async () => {
    expect(processorsOf(await readFile(process.execPath))).toContain(process.arch);
  });
});
