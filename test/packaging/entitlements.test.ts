import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const text = await readFile(join(import.meta.dirname, '../../main/packaging/entitlements.mac.plist'), 'utf8');

/** The only form that these entitlements may have: names, each switched on. */
const FORM =
  /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<!DOCTYPE plist [^>]*>\s*<plist version="1\.0">\s*<dict>\s*(?:<key>[\w.-]+<\/key>\s*<true\/>\s*)*<\/dict>\s*<\/plist>\s*$/;

test('the app may make machine code at run time, and nothing else that the hardened runtime forbids', () => {
  const plain = text.replace(/<!--[\s\S]*?-->/g, '');
  expect(plain).toMatch(FORM);
  const names = [...plain.matchAll(/<key>(.*?)<\/key>/g)].map(([, name]) => name);
  expect(names).toEqual(['com.apple.security.cs.allow-jit']);
});
