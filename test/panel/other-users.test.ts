import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ownerIn } from '#bridge/panel/other-users.ts';
import { follow, startPanel } from './a-panel.ts';

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, uid: number, inode: number): string =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;
const table = (...rows: string[]): string => [HEADING, ...rows, ''].join('\n');

/** Port 40000 is 9C40, port 4711 is 1267. */
const V6 = '0000000000000000FFFF0000';

test.each([
  ['its row', table(row('0100007F:9C40', '0100007F:1267', 1001, 7)), 1001],
  ['its row with the other byte order', table(row('7F000001:9C40', '7F000001:1267', 1001, 7)), 1001],
  ['its row among those of IPv6', table(row(`${V6}0100007F:9C40`, `${V6}0100007F:1267`, 1002, 7)), 1002],
  [
    'the last of many rows',
    table(row('0100007F:9C41', '0100007F:1267', 1, 7), row('0100007F:9C40', '0100007F:1267', 2, 7)),
    2,
  ],
  ['the other end only', table(row('0100007F:1267', '0100007F:9C40', 1001, 7)), undefined],
  ['another port', table(row('0100007F:9C41', '0100007F:1267', 1001, 7)), undefined],
  ['another address', table(row('0200007F:9C40', '0100007F:1267', 1001, 7)), undefined],
  ['a program that has closed its end', table(row('0100007F:9C40', '0100007F:1267', 0, 0)), -1],
  ['nothing', table(), undefined],
  ['no table', '', undefined],
])('who connected is known by %s', (_, text, uid) => {
  const ends = { remotePort: 40000, localAddress: '127.0.0.1', localPort: 4711 };
  expect(ownerIn(text, { ...ends, remoteAddress: '127.0.0.1' })).toBe(uid);
});

test('who connected from another address of this computer is known by its own row', () => {
  const text = table(
    row('0100007F:9C40', '0100007F:1267', 1, 7),
    row('0200007F:9C40', '0100007F:1267', 2, 7),
    row(`${V6}0A02000A:9C40`, `${V6}0100007F:1267`, 3, 7),
  );
  const ends = { remotePort: 40000, localAddress: '127.0.0.1', localPort: 4711 };
  const uids = ['127.0.0.1', '127.0.0.2', '10.0.2.10', '127.0.0.3', undefined].map((remoteAddress) =>
    ownerIn(text, { ...ends, remoteAddress }),
  );
  expect(uids).toEqual([1, 2, 3, undefined, undefined]);
});

test('the own browser is let in', async () => {
  const { panel, port, log } = await startPanel();
  expect((await follow(port, panel.link())).status).toBe(200);
  expect(log).toEqual([]);
});

// Only root can act as another user.
test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'on Linux another user gets nothing, with the right link, by IPv4 and by IPv6, from whichever address',
  async () => {
    const { panel, port, log } = await startPanel();
    const { pathname, search } = new URL(panel.link());
    for (const place of [
      { host: '127.0.0.1' },
      { host: '::ffff:127.0.0.1' },
      { host: '127.0.0.1', localAddress: '127.0.0.2' },
      { host: '::ffff:127.0.0.1', localAddress: '::ffff:127.0.0.3' },
    ]) {
      const program = `
        const socket = require('node:net').connect(${JSON.stringify({ port, ...place })});
        let got = 0;
        socket.on('data', (bytes) => { got += bytes.length; });
        socket.on('error', () => undefined);
        socket.on('close', () => process.stdout.write(String(got)));
        socket.end('GET ${pathname}${search} HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\n\\r\\n');`;
      const child = spawn(process.execPath, ['-e', program], {
        uid: 65534,
        cwd: '/',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [got] = (await once(child.stdout, 'data')) as [Buffer];
      await once(child, 'close');
      expect(String(got)).toBe('0');
    }
    expect(log).toEqual(['panel.other-user']);
    expect((await follow(port, `http://127.0.0.1:${port}${pathname}${search}`)).status).toBe(200);
  },
);
