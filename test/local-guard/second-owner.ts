import { stdin, stdout } from 'node:process';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { createBridge } from '#bridge/bridge.ts';

/*
 * node test/local-guard/second-owner.ts <user id> <home>
 *
 * The whole bridge of another user of this computer, until stdin ends. It is loaded first, because that user may not be
 * allowed to read the repository.
 */

const [user, home] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(user));
process.setuid?.(Number(user));
const paths = pathsFor(home, {});
const bridge = await createBridge({ paths, vault: 'memory', http: true, log: silentLog, version: '1.2.3' });
stdout.write(`${JSON.stringify({ socket: bridge.socket, url: bridge.url })}\n`);
stdin.resume();
stdin.once('end', () => void bridge[Symbol.asyncDispose]());
