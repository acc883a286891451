import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { serveStdio } from '#bridge/downstream/stdio.ts';
import { listenSocket } from '#bridge/socket/listen.ts';
import { EchoSessions } from '../downstream/echo-sessions.ts';

/** An owner that can be killed: sessions that echo, for the home in argv. Prints one line when it is ready. */
const sessions = new EchoSessions();
await listenSocket({
  paths: pathsFor(process.argv[2], {}),
  log: silentLog,
  signal: new AbortController().signal,
  onClient: (client) => void serveStdio(client, { sessions, log: silentLog }),
  onControl: ({ port }) => port.close(),
});
process.stdout.write('ready\n');
