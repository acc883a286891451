import { checks } from './checks.ts';
import { openApp } from './installed-app.ts';

/*
 * node main/packaging/check-artifact.ts <folder>
 *
 * Holds an unpacked app, for example dist/linux-unpacked, against what a package must be. One line for each check; the exit
 * code is 1 when one of them fails.
 */

const SHOWN = 5;

/** @returns whether everything is as it must be. */
async function checkArtifact(folder: string): Promise<boolean> {
  const app = await openApp(folder);
  let good = true;
  for (const { name, troubles } of checks) {
    const found = await troubles(app);
    if (found.length > 0) good = false;
    process.stdout.write(
      `${found.length === 0 ? 'ok  ' : 'BAD '} ${name}${found.length === 0 ? '' : `: ${list(found)}`}\n`,
    );
  }
  return good;
}

function list(found: readonly string[]): string {
  const more = found.length > SHOWN ? `; and ${found.length - SHOWN} more` : '';
  return `${found.slice(0, SHOWN).join('; ')}${more}`;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: node main/packaging/check-artifact.ts FOLDER\n');
  process.exitCode = 2;
} else {
  const good = await checkArtifact(folder).catch((error: unknown) => {
    process.stdout.write(`BAD  app: ${error instanceof Error ? error.message : 'it cannot be read'}\n`);
    return false;
  });
  if (!good) process.exitCode = 1;
}
