import { describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { linkOf, openLinks } from '#main/links.ts';

const link = 'gangway://add?name=Acme';

describe('DL-04 of the arguments of a start only the one link counts', () => {
  test.each([
    [['gangway', link]],
    [['gangway', link, '--remote-debugging-port=9222', '--inspect']],
    [['gangway', '--remote-debugging-port=9222', link, '--inspect']],
    [['gangway', '--', link]],
    [['gangway', '--allow-file-access-from-files', '--original-process-start-time=1', link, '--', 'x']],
    [['gangway', '.', link, '--hidden']],
  ])('%j', (argv) => {
    expect(linkOf(argv)).toEqual({ link });
  });

  test.each([
    [['gangway']],
    [[]],
    [['gangway', '--url=gangway://add']],
    [['gangway', `--${link}`]],
    [['gangway', ` ${link}`]],
    [['gangway', 'https://a.example/?gangway://add']],
    [['gangway', 'mygangway://add']],
  ])('%j holds none', (argv) => {
    expect(linkOf(argv)).toEqual({ link: undefined, because: 'none' });
  });

  test.each([
    [['gangway', link, link]],
    [['gangway', link, '--', 'gangway://add?name=B']],
    [['gangway:', 'gangway:']],
  ])('%j holds several, so none is followed', (argv) => {
    expect(linkOf(argv)).toEqual({ link: undefined, because: 'several' });
  });

  test('a scheme spelled in another way is found too, so that the person hears that it was refused', () => {
    expect(linkOf(['gangway', 'GANGWAY://add'])).toEqual({ link: 'GANGWAY://add' });
  });
});

/** A queue with a clock of the test's own. */
function someLinks() {
  let at = 0;
  let changes = 0;
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (event: string) => void warnings.push(event) };
  const links = openLinks({ log, now: () => at });
  links.changed.on(() => {
    changes += 1;
  });
  const pass = (ms: number): void => {
    at += ms;
  };
  return { links, pass, warnings, changes: () => changes };
}

describe('the queue', () => {
  test('is empty at first', () => {
    const { links } = someLinks();
    expect([links.form, links.refusal]).toEqual([undefined, undefined]);
  });

  test('DL-01 holds the form of a link until it was taken', () => {
    const { links, changes } = someLinks();
    links.offer(link);
    expect(links.form).toEqual({ label: 'Acme', notes: [] });
    links.taken();
    expect(links.form).toBeUndefined();
    links.taken();
    expect(changes()).toBe(2);
  });

  test('DL-03 holds the one sentence about a link that was refused', () => {
    const { links, changes } = someLinks();
    links.offer('gangway://add/../../x');
    expect([links.form, links.refusal]).toEqual([
      undefined,
      'This link contains a path, so it was not opened. Ask for a new one.',
    ]);
    links.taken();
    expect([links.refusal, changes()]).toEqual([undefined, 2]);
  });

  test('DL-05 of links that come a thousand times a second only the first is shown, however fast it is taken', () => {
    const { links, pass, warnings, changes } = someLinks();
    for (let number = 0; number < 5000; number += 1) {
      links.offer(`gangway://add?name=${number}`);
      if (links.form) expect(links.form.label).toBe('0');
      links.taken();
      pass(1);
    }
    expect(changes()).toBe(2);
    expect(warnings).toEqual(['link.dropped']);
  });

  test('DL-05 after a flood has ended, a link is heard again', () => {
    const { links, pass } = someLinks();
    links.offer('gangway://add?name=flood');
    links.offer('gangway://add?name=flood');
    links.taken();
    pass(2_000);
    links.offer('gangway://add?name=later');
    expect(links.form?.label).toBe('later');
  });

  test('DL-06 a link that comes while another waits is not put in its place', () => {
    const { links, pass } = someLinks();
    links.offer('gangway://add?name=first');
    pass(60_000);
    links.offer('gangway://add?name=second');
    expect(links.form?.label).toBe('first');
  });

  test('DL-06 a link that comes while the form of another is open waits, once', () => {
    const { links, pass } = someLinks();
    links.offer('gangway://add?name=open');
    links.taken();
    pass(60_000);
    links.offer('gangway://add?name=waits');
    pass(60_000);
    links.offer('gangway://add?name=dropped');
    expect(links.form?.label).toBe('waits');
  });
});
