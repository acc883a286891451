import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAddress, sameOrigin } from '#bridge/connectors/address.ts';
import { reachOfHost } from '#bridge/connectors/reach.ts';
import { canary } from '../canary/canary.ts';
import { refusal } from './refusal.ts';

const strict = { ownNetwork: false };
const own = { ownNetwork: true };

function refused(typed: string, options = strict): string {
  return refusal(() => readAddress(typed, options));
}

describe('an address as a person types it', () => {
  test.each([
    ['https://api.example.com/mcp', 'https://api.example.com/mcp'],
    ['  https://api.example.com/mcp\n', 'https://api.example.com/mcp'],
    ['api.example.com', 'https://api.example.com/'],
    ['api.example.com:8443/mcp', 'https://api.example.com:8443/mcp'],
    ['HTTPS://API.Example.com:443/MCP', 'https://api.example.com/MCP'],
    ['https://api.example.com/mcp?site=3', 'https://api.example.com/mcp?site=3'],
    ['localhost:3000/mcp', 'http://localhost:3000/mcp'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000/'],
    ['https://localhost/mcp', 'https://localhost/mcp'],
  ])('%j is read as %s', (typed, url) => {
    expect(readAddress(typed, strict).url.href).toBe(url);
  });

  test('HV-15 plain http is refused, and taken with a lasting warning for a server of one’s own', () => {
    expect(refused('http://api.example.com/mcp')).toContain('https://');
    const { url, notes } = readAddress('http://api.example.com/mcp', own);
    expect(url.href).toBe('http://api.example.com/mcp');
    expect(notes).toEqual([expect.stringContaining('Warning: without https')]);
  });

  test('HV-15 plain http to this computer is taken and said', () => {
    const { reach, notes } = readAddress('http://127.0.0.1:4000/mcp', strict);
    expect({ reach, notes }).toEqual({
      reach: 'loopback',
      notes: [expect.stringContaining('this computer')],
    });
  });

  test.each(['https://user:pw@host.example/mcp', 'https://user@host.example/', 'user:pw@host.example'])(
    'HV-16 credentials in the address are refused: %s',
    (typed) => {
      expect(refused(typed)).toContain('Credentials do not belong in the address');
    },
  );

  test.each(['?api_key=', '?apikey=', '?access_token=', '?x=1&secret=', '?exaApiKey=', '?sig='])(
    'HV-16 a key as query parameter %s is refused and not repeated',
    (query) => {
      const secret = canary('generic');
      const message = refused(`https://api.example.com/mcp${query}${secret}`);
      expect(message).toContain('Keys do not belong in the address');
      expect(message).not.toContain(secret);
    },
  );

  test('HV-16 a key in the path is refused by its shape', () => {
    expect(refused(`https://api.example.com/${canary('allv')}/mcp`)).toContain('Keys do not belong');
  });

  test.each([
    ['https://api.example.com/mcp#part', '#'],
    ['evil.example#', '#'],
    ['https://api.example.com/a b', 'a blank (position 26)'],
    ['https://api.exa\tmple.com/', 'a tab'],
    ['https://api.exa\nmple.com/', 'a line break'],
    ['https://api.example.com\\mcp', 'a backslash'],
    ['https://mcp.pelcro.com\\@evil.example/', 'a backslash'],
    ['https://api.exam\u200bple.com/', 'zero-width'],
    ['https:/host.example', 'must begin with https://'],
    ['https:host.example', 'must begin with https://'],
    ['https://', 'names no host'],
    ['https:///mcp', 'names no host'],
    ['https://?x', 'names no host'],
    ['', 'Type the address'],
    ['   ', 'Type the address'],
    ['ftp://host.example/', 'begins with https://'],
    ['javascript:alert(1)', 'not an address'],
    ['file:///etc/passwd', 'begins with https://'],
    ['https://mcp.pelcro.com%40evil.example/', 'percent'],
    ['https://mcp%2epelcro.com/', 'percent'],
    ['https://exa mple/', 'a blank'],
    ['https://[::1', 'not an address'],
    ['https://host.example/a/../mcp', '".."'],
    ['https://host.example/%2e%2E/mcp', '".."'],
    ['host.example/..', '".."'],
  ])('HV-17 HV-26b %j is refused: %s', (typed, because) => {
    expect(refused(typed)).toContain(because);
  });

  test('HV-17 letters that only look Latin are shown as what they are', () => {
    const { url, notes } = readAddress('https://\u0430pple.com/mcp', strict);
    expect(url.hostname).toBe('xn--pple-43d.com');
    expect(notes).toEqual([expect.stringContaining('xn--pple-43d.com')]);
  });

  test.each([
    ['https://ｍcp.pelcro.com/', 'mcp.pelcro.com'],
    ['https://mcp。pelcro.com/', 'mcp.pelcro.com'],
    ['https://mcp.pel\u00adcro.com/', 'mcp.pelcro.com'],
    ['https://mcp.pelcro.com./', 'mcp.pelcro.com'],
    ['http://127.1/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
  ])('HV-26b %s is repaired in the open', (typed, hostname) => {
    const { url, notes } = readAddress(typed, strict);
    expect(url.hostname).toBe(hostname);
    expect(notes.join(' ')).toContain(hostname);
  });

  test.each([
    ['evil.example/', 'evil.example'],
    ['https://evil.example:4433/allegro.example', 'evil.example:4433'],
  ])('HV-19 the host of %s is the one that is shown', (typed, host) => {
    expect(readAddress(typed, strict).url.host).toBe(host);
  });

  test('HV-19 a host in front of an at sign is no host', () => {
    expect(refused('evil.example:443@allegro.example')).toContain('Credentials');
  });

  test.each([0, 22, 25, 6667, 10080])('HV-20 port %i belongs to another kind of service', (port) => {
    expect(refused(`https://api.example.com:${port}/mcp`)).toContain(`Port ${port}`);
  });

  test('HV-20 port 65536 and 9 KB of address are refused', () => {
    expect(refused('https://api.example.com:65536/mcp')).toContain('port');
    expect(refused(`https://api.example.com/${'a'.repeat(9 * 1024)}`)).toContain('longer than');
  });

  test.each([
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '[fd00::1]',
    '[fe80::1]',
    '[::ffff:10.0.0.1]',
    'printer.local',
    'build.internal',
    'intranet',
  ])('HV-21 %s is taken only as a server in one’s own network', (host) => {
    expect(refused(`https://${host}/mcp`)).toContain('private network');
    expect(readAddress(`https://${host}/mcp`, own).reach).toBe('own-network');
  });

  test.each(['0.0.0.0', '224.0.0.1', '255.255.255.255', '[::]', '[ff02::1]'])(
    'HV-21 no server can be at %s',
    (host) => {
      expect(refused(`https://${host}/mcp`, own)).toContain('No server');
    },
  );
});

test.each([
  ['127.8.9.10', 'loopback'],
  ['[::1]', 'loopback'],
  ['[::ffff:127.0.0.1]', 'loopback'],
  ['app.localhost', 'loopback'],
  ['localhost.', 'loopback'],
  ['172.32.0.1', 'public'],
  ['8.8.8.8', 'public'],
  ['[2606:4700::1]', 'public'],
  ['localhost.example.com', 'public'],
])('the host %s is %s', (host, reach) => {
  expect(reachOfHost(host)).toBe(reach);
});

test('any text is either refused in words or read as a plain http or https address', async () => {
  await fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.webAuthority({ withUserInfo: true })),
      (typed) => {
        let url: URL;
        try {
          ({ url } = readAddress(typed, own));
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-input' });
          return;
        }
        expect(['http:', 'https:']).toContain(url.protocol);
        expect(url.username + url.password + url.hash).toBe('');
        expect(url.hostname).toMatch(/^[\u0021-\u007e]+$/);
        expect(sameOrigin(url.href, url.href)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

describe('the origin a credential belongs to', () => {
  const stored = 'https://mcp.pelcro.com/';

  test.each([
    'https://mcp.pelcro.com',
    'https://mcp.pelcro.com/',
    'https://MCP.pelcro.com:443/',
    'https://mcp.pelcro.com/messages?session=1#x',
  ])('HV-26a %s is the same origin', (other) => {
    expect(sameOrigin(stored, other)).toBe(true);
  });

  test.each([
    'https://mcp.pelcro.com.evil.example/',
    'https://mcp.pelcro.com@evil.example/',
    'https://user:pw@mcp.pelcro.com/',
    'https://mcp.pelcro.com:444/',
    'http://mcp.pelcro.com/',
    'https://MCP.pelcro.com./',
    'https://evil.example/#mcp.pelcro.com',
    'https://evil.example\\.mcp.pelcro.com/',
    'https://mcp.pelcro.com%40evil.example/',
  ])('HV-26a %s is another origin', (other) => {
    expect(sameOrigin(stored, other)).toBe(false);
  });

  test.each([
    'https://mcp.pelcro.com\\@evil.example/',
    'https://mcp.pel\tcro.com/',
    'https://mcp.pel\ncro.com/',
    ' https://mcp.pelcro.com/',
    'https:mcp.pelcro.com',
    'https:/mcp.pelcro.com/',
    'https://ｍcp.pelcro.com/',
    'https://mcp。pelcro.com/',
    'https://mcp.pel\u00adcro.com/',
    'https://mcp%2epelcro.com/',
  ])('HV-26b %j becomes equal only by repair, so it is another origin', (other) => {
    expect(sameOrigin(stored, other)).toBe(false);
  });

  test('HV-26b other spellings of an IP address are other origins', () => {
    expect(sameOrigin('http://127.0.0.1:80/', 'http://127.0.0.1/')).toBe(true);
    expect(sameOrigin('http://127.0.0.1/', 'http://127.1/')).toBe(false);
    expect(sameOrigin('http://127.0.0.1/', 'http://0x7f000001/')).toBe(false);
  });
});
