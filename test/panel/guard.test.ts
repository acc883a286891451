import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHead, type Head, originAt } from '#bridge/panel/guard.ts';

const PORT = 4711;
const door = { port: PORT, files: new Set(['/index.html', '/assets/app.js']) };
const ticket = 'x'.repeat(43);
const good = {
  Host: `127.0.0.1:${PORT}`,
  Origin: originAt(PORT),
  'Sec-Fetch-Site': 'same-origin',
  'Content-Type': 'application/json',
  Cookie: `gangway-panel-${PORT}=${ticket}`,
};

function headOf(method: string, target: string, headers: Readonly<Record<string, string>>): Head {
  return { method, target, rawHeaders: Object.entries(headers).flat(), httpVersion: '1.1' };
}

test('a call of the own page is passed on with what its cookies claim', () => {
  expect(checkHead(headOf('POST', '/rpc/control/accounts/add', good), door)).toEqual({
    kind: 'call',
    sessions: [ticket],
  });
});

test('a link and the files of the window are passed on', () => {
  const { Host, Cookie } = good;
  expect(checkHead(headOf('GET', `/open?ticket=${ticket}`, { Host }), door)).toEqual({
    kind: 'open',
    ticket,
  });
  expect(checkHead(headOf('GET', '/', { Host, Cookie }), door)).toEqual({
    kind: 'file',
    path: '/index.html',
    sessions: [ticket],
  });
});

test.each(Object.keys(good).filter((name) => name !== 'Cookie'))(
  'no call passes without its own %s',
  (name) => {
    const { [name as keyof typeof good]: _, ...rest } = good;
    expect(checkHead(headOf('POST', '/rpc/control/status', rest), door).kind).toBe('refused');
  },
);

test('LH-06 at the panel: whatever a head says, only our own page gets a call through', () => {
  const near = (right: string) =>
    fc.oneof(fc.constant(right), fc.constantFrom('', 'null', `${right}.`), fc.string());
  const heads = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS', 'get'),
    target: fc.oneof(fc.constantFrom('/rpc/control/status', '/', '/open'), fc.webPath(), fc.string()),
    host: near(good.Host),
    origin: near(good.Origin),
    site: fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none', ''),
    type: near(good['Content-Type']),
  });
  fc.assert(
    fc.property(heads, ({ method, target, host, origin, site, type }) => {
      const verdict = checkHead(
        headOf(method, target, { Host: host, Origin: origin, 'Sec-Fetch-Site': site, 'Content-Type': type }),
        door,
      );
      if (verdict.kind === 'refused') return;
      expect(host).toBe(good.Host);
      expect(origin).toBe(good.Origin);
      if (verdict.kind === 'call') expect([method, site]).toEqual(['POST', 'same-origin']);
      else expect(method).toBe('GET');
    }),
    { numRuns: 5000 },
  );
});

test('a refusal repeats nothing of what was asked', () => {
  const mark = 'ZQX';
  for (const head of [
    headOf('GET', `/${mark}`, good),
    headOf('POST', `/rpc/${mark}/1`, good),
    headOf(mark, '/', good),
    headOf('GET', '/', { Host: mark }),
    headOf('POST', '/rpc/control/status', { ...good, Origin: mark }),
    headOf('POST', '/rpc/control/status', { ...good, 'Content-Type': mark }),
  ]) {
    const verdict = checkHead(head, door);
    expect(verdict.kind).toBe('refused');
    expect(JSON.stringify(verdict)).not.toContain(mark);
  }
});
