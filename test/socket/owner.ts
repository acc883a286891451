import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { listenSocket } from '#bridge/socket/listen.ts';
import { BridgeError } from '#contract/errors.ts';

/** A process that tries to own the data folder in argv: prints one word, then lives until it is killed. */
const paths = pathsFor(process.argv[2], {});
try {
  await listenSocket({
    paths,
    log: silentLog,
    signal: new AbortController().signal,
    onClient: ({ frames }) => frames.receive((frame) => frames.send(frame)),
    onControl: ({ port }) => port.close(),
  });
  process.stdout.write('owner\n');
} catch (error) {
  process.stdout.write(`${error instanceof BridgeError ? error.code : String(error)}\n`);
}
