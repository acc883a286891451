import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fuses } from './an-app.ts';
import { linuxHeader, macHeader } from './program-headers.ts';

/** As Electron comes: everything that a package must switch off is on. */
const asItComes = (header: Buffer): Buffer => Buffer.concat([header, fuses('101100111')]);
const VERSION = '45.4.1';

/** Folders like those of Electron itself, with nothing that runs, from which electron-builder makes packages offline. */
export async function placeholderForLinux(folder: string): Promise<void> {
  await programs(folder, linuxHeader('x64'), ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']);
  await texts(folder, ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'locales/de.pak']);
  await writeFile(join(folder, 'version'), VERSION);
}

/** See {@link placeholderForLinux}. */
export async function placeholderForMac(folder: string): Promise<void> {
  const contents = join(folder, 'Electron.app/Contents');
  const framework = join(contents, 'Frameworks/Electron Framework.framework');
  await programs(contents, macHeader('x64'), ['MacOS/Electron']);
  await programs(framework, macHeader('x64'), ['Versions/A/Electron Framework']);
  await symlink('A', join(framework, 'Versions/Current'));
  await symlink('Versions/Current/Electron Framework', join(framework, 'Electron Framework'));
  const languages = ['en', 'de'].map((language) => `${language}.lproj/locale.pak`);
  await texts(join(framework, 'Versions/A/Resources'), languages);
  await texts(join(contents, 'Resources'), ['electron.icns', ...languages]);
  await writeFile(join(contents, 'Info.plist'), plist('Electron'));
  for (const kind of ['', ' (GPU)', ' (Renderer)', ' (Plugin)']) {
    const name = `Electron Helper${kind}`;
    const helper = join(contents, 'Frameworks', `${name}.app/Contents`);
    await programs(helper, macHeader('x64'), [`MacOS/${name}`]);
    await writeFile(join(helper, 'Info.plist'), plist(name));
  }
}

async function programs(folder: string, header: Buffer, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), asItComes(header));
    await chmod(join(folder, name), 0o755);
  }
}

async function texts(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), name);
  }
}

function plist(name: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>CFBundleExecutable</key><string>${name}</string>
  <key>CFBundleIdentifier</key><string>com.github.Electron</string>
  <key>CFBundleName</key><string>${name}</string>
  <key>CFBundleIconFile</key><string>electron.icns</string>
</dict></plist>`;
}
