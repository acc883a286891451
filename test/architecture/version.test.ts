import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '#bridge/base/version.ts';

test("the version that programs show is the package's", () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as object;
  expect(manifest).toHaveProperty('version', VERSION);
});
