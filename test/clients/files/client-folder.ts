import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect } from 'vitest';
import {
  type ConfigFile,
  readConfigFile,
  removeConfigFile,
  writeConfigBytes,
  writeConfigFile,
} from '#bridge/clients/files/config-file.ts';
import { temporaryHome } from '../../canary/home.ts';
import { failure } from '../../vault/expectations.ts';

/** A home of the test's own with the folder of a client in it, made anew for each test. */
export class ClientFolder {
  home = '';
  folder = '';
  /** Of its settings file, which is not there yet. */
  path = '';

  constructor() {
    beforeEach(async () => {
      await this.move((await temporaryHome()).path);
    });
  }

  /** Makes the folder below another home. */
  async move(home: string): Promise<void> {
    this.home = home;
    this.folder = join(home, '.cursor');
    this.path = join(this.folder, 'mcp.json');
    await mkdir(this.folder, { recursive: true });
  }

  async read(path = this.path): Promise<ConfigFile> {
    return readConfigFile(path, this.home);
  }

  async names(): Promise<string[]> {
    return readdir(this.folder);
  }

  /** The file stays as it is, byte for byte, and nothing else comes into its folder. */
  async untouched(act: () => Promise<unknown>): Promise<void> {
    const names = await this.names();
    const before = await readFile(this.path);
    await act();
    // Not `toEqual`, which takes seconds for megabytes.
    expect((await readFile(this.path)).equals(before)).toBe(true);
    expect(await this.names()).toEqual(names);
  }

  async refused(text: string, path = this.path): Promise<void> {
    const { message } = await failure(this.read(path), 'storage');
    expect(message).toContain(text);
    expect(message).toContain(path);
  }

  /** Nothing is written over a file that is not as it was. */
  async conflicts(before: ConfigFile): Promise<void> {
    const names = await this.names();
    for (const act of [
      () => writeConfigFile(before, 'ours'),
      () => writeConfigBytes(before, Buffer.from('ours')),
      () => removeConfigFile(before),
    ]) {
      expect((await failure(act(), 'conflict')).message).toContain('was changed by another program');
      expect(await this.names()).toEqual(names);
    }
  }
}
