import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { silentLog } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { Authorizer } from '#bridge/credentials/authorizer.ts';
import { Grants } from '#bridge/credentials/grants.ts';
import { boundsOf, OAuthHttp } from '#bridge/oauth/http.ts';
import { refreshTokens } from '#bridge/oauth/refresh.ts';
import { sealingKey } from '#bridge/vault/seal.ts';
import { SealedFiles } from '#bridge/vault/sealed-files.ts';
import { anOAuthAccount } from './keeper.ts';

/*
 * Renews the grant in a folder of sealed files and prints each step, `asking`, `answered`, `saving` and `saved`. At the
 * step it is told to stop at it stands still until it is killed. Run with the folder, the address of the workspace and
 * that step; the master key comes as a line of hexadecimal digits on stdin.
 */

const [folder = '', url = '', stopAt = ''] = process.argv.slice(2);
const [master] = (await once(createInterface(process.stdin), 'line')) as [string];
const key = sealingKey(Buffer.from(master, 'hex'));
const files = new SealedFiles(folder, silentLog);
const http = new OAuthHttp();
const account = anOAuthAccount({ upstream: { kind: 'http', url } });
let saves = 0;

async function reached(step: string): Promise<void> {
  process.stdout.write(`${step}\n`);
  if (step === stopAt) await new Promise(() => setInterval(() => {}, 60_000));
}

const authorizer = new Authorizer({
  load: (id) => files.load(key, id),
  save: async (id, record) => {
    saves += 1;
    // The first is the journal.
    const isAnswer = saves === 2;
    if (isAnswer) process.stdout.write('saving\n');
    await files.save(key, id, record);
    if (isAnswer) await reached('saved');
  },
  forget: (id) => files.forget(id),
  redactor: new Redactor(),
});
const grants = new Grants({
  authorizer,
  refresh: async ({ grant, refreshToken, signal }) => {
    await reached('asking');
    const { tokenEndpoint, issuer, client, resource } = grant;
    const request = { tokenEndpoint, issuer, client, refreshToken, resource };
    const answer = await refreshTokens(request, http.fetch(boundsOf(account), http.waits.tokenMs), signal);
    await reached('answered');
    return answer;
  },
  revoke: async () => {},
  accounts: () => [account],
  signInNeeded: () => {},
  instance: 'the process that is killed',
  log: silentLog,
});
await grants.accessToken(account, new AbortController().signal);
await reached('done');
