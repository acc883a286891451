import { describe, expect, test } from 'vitest';
import { readUser } from '#bridge/credentials/user.ts';
import { refusal } from '../connectors/refusal.ts';

const refused = (typed: string): string => refusal(() => readUser(typed));
const local64 = 'l'.repeat(64);
const domain = (length: number): string => {
  const labels = 'd'.repeat(60);
  return `${labels}.${labels}.${labels}.`.padEnd(length, 'x');
};

test('HV-07 a letter outside ASCII in the local part is refused with the way out', () => {
  expect(refused('zoë@example.com')).toBe(
    'This server accepts plain characters in the e-mail address only; use the user id.',
  );
});

test('HV-08 an international domain is offered in punycode, an international name is not', () => {
  expect(refused('zoe@例え.jp')).toContain('xn--r8jz45g.jp');
  expect(refused('日本@例え.jp')).toContain('use the user id');
});

describe('HV-09 e-mail addresses', () => {
  test.each([
    'a+b@x.com',
    'A@X.COM',
    '"quoted local"@x.com',
    '"a@b"@x.com',
    'o’neil@x.com'.replace('’', "'"),
    'member@localhost',
    `${local64}@${domain(189)}`,
  ])('%s is taken unchanged', (value) => {
    expect(readUser(value)).toEqual({ by: 'email', value });
  });

  test.each([
    'a@b@x.com',
    '@x.com',
    'a@',
    '@',
    '.a@x.com',
    'a..b@x.com',
    'a b@x.com',
    'a@x_y.com',
    'a@-x.com',
    'a@x..com',
    '"open@x.com',
    `${local64}l@x.com`,
    `${local64}@${domain(190)}`,
    'a@x.com\r\nx-evil: 1',
    'a\0@x.com',
    'a@x.com, b@x.com',
  ])('%j is refused', (value) => {
    expect(refused(value)).not.toBe('');
  });

  test('one of 254 characters is the longest', () => {
    expect(`${local64}@${domain(189)}`).toHaveLength(254);
  });
});

test('HV-10 a selected user is either an id or an e-mail address', () => {
  expect(readUser('usr_1')).toEqual({ by: 'id', value: 'usr_1' });
  expect(readUser({ by: 'email', value: 'a@x.com' })).toEqual({ by: 'email', value: 'a@x.com' });
  expect(refusal(() => readUser({ by: 'email', value: 'usr_1' }))).toContain('name@example.com');
  expect(refusal(() => readUser({ by: 'id', value: 'a@x.com' }))).toContain('user id');
});

test.each(['a/b', 'a b', 'a,b', 'x'.repeat(1024), '../a', '-a', 'a\nb', 'ä', ''])(
  'HV-11 the user id %j is refused',
  (value) => {
    expect(refused(value)).not.toBe('');
  },
);

test.each(['usr_1', '7', '6f1b3f3e-0d6a-4e55-9f5b-0a3a9f0f8e11', 'auth0|5f7c', 'org:member.7'])(
  'HV-11 the user id %s is taken unchanged',
  (value) => {
    expect(readUser(value)).toEqual({ by: 'id', value });
  },
);
