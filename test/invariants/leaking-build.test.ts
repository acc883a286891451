import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { fileOf, leakages, leaking, ways } from './leaking-build.ts';
import { runSample, type Told } from './on-purpose.ts';

/** Only Linux shows the command lines of a child's children. */
const onLinux = process.platform === 'linux' ? ['Linux'] : [];
let told: readonly Told[];

beforeAll(async () => {
  told = (await runSample('leaking-product.sample.ts')).tests;
}, 60_000);

/** Places in which the scan found a secret; any other failure in its own words. */
function placesOf(title: string): readonly string[] {
  const { failures } = told.find((one) => one.title === title) ?? { failures: ['It did not run.'] };
  return failures.flatMap((message) => {
    const leaks = [...message.matchAll(/^- secret #.*?, in (.*), offset \d+$/gm)];
    return leaks.length > 0 ? leaks.map(([, place = '']) => place) : [message];
  });
}

test.each([
  ['log', /^stderr of child \d+ \(main\.ts\)$/],
  ...onLinux.map(() => ['argv', /^cmdline of child \d+ \(main\.ts\) > child \d+$/] as const),
  ['error', /^stdout of child \d+ \(main\.ts\)$/],
  ['ipc', /^what the page heard$/],
  ['redirect', /^bytes received by another origin$/],
] as const)('INV-4 a build that leaks by LEAK=%s is caught there, and nowhere else', (way, place) => {
  // A redirect that is followed is against INV-3 too.
  const others = way === 'redirect' ? [expect.stringContaining('INV-3: ')] : [];
  expect(placesOf(`leaking: ${way}`)).toEqual([...others, expect.stringMatching(place)]);
});

test('INV-4 the product as it is leaks nothing in the same run', () => {
  expect(ways.flatMap((way) => placesOf(`real: ${way}`))).toEqual([]);
});

test.each(leakages.map((leakage) => [leakage.way, leakage.file, leakage] as const))(
  'LEAK=%s finds its place in %s, and says so when it is gone',
  (_way, file, leakage) => {
    const source = readFileSync(fileOf(leakage), 'utf8');
    expect(leaking(source, leakage)).toContain(leakage.instead);
    expect(() => leaking(source.replace(leakage.anchor, ''), leakage)).toThrow(`nowhere in ${file}`);
    expect(() => leaking(source + leakage.anchor, leakage)).toThrow(`twice in ${file}`);
  },
);
