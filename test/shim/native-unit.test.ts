import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { refusalTexts } from '#bridge/socket/connect.ts';
import { cargo, nativeFolder } from './native-shim.ts';

const source = (name: string): string => readFileSync(join(nativeFolder, 'src', name), 'utf8');

test('the parts of the native shim do what their own tests say', () => {
  expect(cargo('test')).toMatch(/test result: ok\. [1-9]\d* passed; 0 failed; 0 ignored/);
}, 300_000);

test('the native shim has no dependency', () => {
  expect(readFileSync(join(nativeFolder, 'Cargo.lock'), 'utf8').match(/^name = .*$/gm)).toEqual([
    'name = "gangway-shim"',
  ]);
});

test('its files are as short as all others', () => {
  const files = readdirSync(join(nativeFolder, 'src'), { recursive: true, encoding: 'utf8' });
  for (const name of files.filter((file) => file.endsWith('.rs')))
    expect(source(name).split('\n').length, name).toBeLessThanOrEqual(350);
});

test('both shims have the same limits and texts', () => {
  const text = source('limits.rs');
  const number = (name: string): number => {
    const [, words = ''] =
      new RegExp(`const ${name}: \\w+ = (?:Duration::from_secs\\()?([^;)]+)\\)?;`).exec(text) ?? [];
    const factors = words.replaceAll('_', '').replace('MB', '1024 * 1024').split('*');
    return factors.reduce((product, factor) => product * Number(factor), 1);
  };
  const bytes = [
    'messageBytes',
    'clientQueueBytes',
    'handshakeBytes',
    'frameBytes',
    'rememberedLines',
  ] as const;
  for (const name of bytes) expect(number(constant(name)), name).toBe(limits[name]);
  const times = [
    ...['handshake', 'ownerAbsent', 'ownerStart', 'ownerReturn', 'stdinDrain', 'signalDrain', 'linger'],
    'parentCheck',
  ] as const;
  const all: Readonly<Record<string, number>> = limits;
  for (const name of times) expect(number(constant(name)) * 1000, name).toBe(all[`${name}Ms`]);
  const lineBytes = /const LINE_BYTES.* = (\d+);/;
  const ledger = readFileSync(join(nativeFolder, '../ledger.ts'), 'utf8');
  expect(lineBytes.exec(source('ledger.rs'))?.[1]).toBe(lineBytes.exec(ledger)?.[1]);
  const handshake = source('handshake.rs');
  for (const refusal of Object.values(refusalTexts)) expect(handshake).toContain(JSON.stringify(refusal));
});

/** `messageBytes` as Rust writes constants. */
function constant(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
