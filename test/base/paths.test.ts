import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';

test('the data folder is the one that was named, else the one of the environment, else the usual one', () => {
  expect(pathsFor('/a', { GANGWAY_HOME: '/b' }).home).toBe(resolve('/a'));
  expect(pathsFor(undefined, { GANGWAY_HOME: '/b' }).home).toBe(resolve('/b'));
  expect(pathsFor(undefined, { XDG_DATA_HOME: '/c' }).home.startsWith(homedir())).toBe(true);
});

test('an empty name is none, and never makes the current folder the data folder', () => {
  const usual = pathsFor(undefined, {}).home;
  expect(pathsFor('', {}).home).toBe(usual);
  expect(pathsFor(undefined, { GANGWAY_HOME: '' }).home).toBe(usual);
  expect(pathsFor('', { GANGWAY_HOME: '/b' }).home).toBe(resolve('/b'));
});

test('an empty HOME is none, so that the data folder never lies below the current one', () => {
  const before = process.env.HOME;
  process.env.HOME = '';
  onTestFinished(() => {
    if (before === undefined) delete process.env.HOME;
    else process.env.HOME = before;
  });
  expect(pathsFor(undefined, {}).home.startsWith(userInfo().homedir)).toBe(true);
});
