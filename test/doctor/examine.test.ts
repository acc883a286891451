import { expect, test } from 'vitest';
import { privateFolder } from '#bridge/base/json-file.ts';
import { type ProxyChoice, UnusableProxy } from '#bridge/base/network.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { type ExamineParts, examine } from '#bridge/doctor/examine.ts';
import { isTrouble } from '#bridge/doctor/findings.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import { DoctorReport } from '#contract/doctor.ts';
import { Settings } from '#contract/settings.ts';
import { collect } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { never } from '../vault/expectations.ts';
import { recordingLog } from '../vault/recording-log.ts';

/** Parts of a bridge without accounts, at a data folder that no process owns. */
async function someParts(change: Partial<ExamineParts>): Promise<ExamineParts> {
  const paths = pathsFor((await temporaryHome()).path, {});
  await privateFolder(paths.run);
  const log = recordingLog();
  const direct: ProxyChoice = async () => ({ kind: 'direct' });
  return {
    version: '0.1.0',
    paths,
    settings: () => Settings.parse({}),
    door: () => ({ url: undefined, isWanted: false, isOpenedHere: true, port: undefined }),
    vault: openVault({ kind: 'memory', folder: paths.vault, log }),
    opening: Promise.resolve(),
    accounts: () => [],
    check: async () => undefined,
    proxy: direct,
    clients: async () => [],
    log,
    ...change,
  };
}

async function troublesOf(change: Partial<ExamineParts>): Promise<string[]> {
  const report = DoctorReport.parse(await examine(await someParts(change), never));
  collect('a report', JSON.stringify(report));
  return report.checks.filter(isTrouble).map(({ state, id }) => `${state} ${id}`);
}

/** Of a bridge whose socket is not there, as in all of these. */
const USUAL = ['notice vault-memory', 'bad socket-gone', 'notice no-account', 'notice no-client'];

test('the socket of a running Gangway that somebody removed', async () => {
  expect(await troublesOf({})).toEqual(USUAL);
});

test('a fault of one look is a finding of its own, without its words, and spoils no other', async () => {
  const clients = async (): Promise<never> => {
    throw new Error('unforeseen words');
  };
  expect(await troublesOf({ clients })).toEqual([...USUAL.slice(0, 3), 'notice clients-fault']);
  const report = await examine(await someParts({ clients }), never);
  expect(JSON.stringify(report)).not.toContain('unforeseen');
});

test('what takes too long is said, and the rest is there', async () => {
  const clients = (): Promise<never> => new Promise(() => undefined);
  expect(await troublesOf({ clients, waitMs: 2000 })).toEqual([...USUAL.slice(0, 3), 'notice clients-slow']);
});

test('a proxy of a kind that no request can go through', async () => {
  const proxy: ProxyChoice = async () => {
    throw new UnusableProxy('The proxy in the settings is not the address of a proxy.');
  };
  const settings = () => Settings.parse({ proxy: { mode: 'manual', url: 'socks5://127.0.0.1:9' } });
  expect(await troublesOf({ proxy, settings })).toEqual([
    ...USUAL.slice(0, 2),
    'bad proxy-unusable',
    ...USUAL.slice(2),
  ]);
});

test('a look that is given up ends with its reason', async () => {
  const reason = new Error('Interrupted.');
  const parts = await someParts({ clients: () => new Promise(() => undefined) });
  await expect(examine(parts, AbortSignal.abort(reason))).rejects.toBe(reason);
});
