import { app } from 'electron';
import { startDesktop } from './desktop.ts';
import { prepareDesktop } from './prepare.ts';

const prepared = prepareDesktop({
  // Not installed, the second argument is the folder of the app.
  argv: process.argv.slice(app.isPackaged ? 1 : 2),
  environment: process.env,
  platform: process.platform,
  say: (text) => void process.stderr.write(`${text}\n`),
});
// Electron is ready only after this file has run to its end, so nothing here may wait for that.
if (prepared) void startDesktop(prepared);
