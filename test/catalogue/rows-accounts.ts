import type { Rows } from './section.ts';

/** What a person enters: keys, headers, addresses, users, names. */
export const fieldRows: Rows = {
  'HV-01': 'a key with a header line behind it: refused when entered, sent nowhere, not logged',
  'HV-02': 'blanks, line ends and invisible letters around a key: removed in the open; within it: refused',
  'HV-03': 'control characters in a key: refused',
  'HV-04':
    'a key pasted with its scheme, header name, quotes or a placeholder: cleaned with a note, or refused',
  'HV-05': 'a key with a vertical bar: taken as it is',
  'HV-06': 'an empty key, one letter, 8 KB, 1 MB: only a reasonable length is taken',
  'HV-07': 'a letter outside ASCII in an e-mail address: refused with the way out',
  'HV-08': 'an international address: the domain is offered in punycode',
  'HV-09': 'e-mail addresses of every shape: those that are ones are taken as they are',
  'HV-10': 'user id and user e-mail together: one must be chosen',
  'HV-11': 'odd user ids: held against the rule of the field',
  'HV-12': 'two ways to sign in at once: one per account',
  'HV-13': 'a client that sends credentials, a user or cookies: stripped, and the account’s own go up',
  'HV-14': 'header names that belong to the protocol, or are none: refused when entered',
  'HV-15': 'plain http: refused, but for loopback and where the person insists, with a lasting warning',
  'HV-16': 'credentials in the address: refused',
  'HV-17': 'fragments, blanks, backslashes, look-alike letters in an address: repaired, refused or shown',
  'HV-18': 'workspace ids that leave their place in the path: refused',
  'HV-19': 'a tenant that changes the host: the host shown is the host used',
  'HV-20': 'an address of 9 KB, impossible ports, ports of other services: refused',
  'HV-21': 'addresses of private networks: only as a server in one’s own network',
  'HV-22': 'labels of every kind: stored safely, shown as text, numbered when doubled',
  'HV-23': 'two accounts with one key and address: said and allowed',
  'HV-24': 'a key of another vendor: noticed, not refused',
  'HV-25': 'headers that are too large together: refused with the sum',
  'HV-26a': 'origins that look like a stored one: other origins, and no credential goes there',
  'HV-26b': 'texts that a parser repairs into the stored origin: refused from a server, shown to a person',
  'HV-27': 'an environment and files that name addresses, keys, trust or proxies: ignored, but for the proxy',
  'HV-28': 'certificate checks switched off in the environment: switched on again, and said',
};

/** Accounts and switching between them. */
export const accountRows: Rows = {
  'AC-01': 'a switch while twenty requests run: those end where they began, new ones go to the new account',
  'AC-02': 'a switch during a stream: it belongs to the old account to its end',
  'AC-03': 'a session id of one account: never sent with the credential of another',
  'AC-04': 'a thousand switches: the last one wins, and nothing piles up',
  'AC-05': 'after a switch the client is told once that its lists changed',
  'AC-06': 'two accounts on one address: no call, token or session of one is ever the other’s',
  'AC-07': 'the chosen account is removed: an error in words, nothing falls back to another',
  'AC-08': 'no account is chosen: empty lists and an explanation, nobody else’s tools',
  'AC-09': 'staging and production look different, and a mix-up is said',
  'AC-10': 'an account that needs a sign-in: said at once',
  'AC-11': 'another tenant with the old token: refused',
  'AC-12': 'two users of one computer: two bridges, no shared port or file',
  'AC-13': 'lists of the old account after a switch: never shown as the new one’s',
};

/** Links that open the app, and messages of its window. */
export const linkRows: Rows = {
  'DL-01': 'a link with an address: a filled form, nothing saved or contacted',
  'DL-02': 'a link with a key, a header or a client: ignored with a note',
  'DL-03': 'malformed links of every kind: refused with one sentence',
  'DL-04': 'switches around a link on the command line: only the link is used',
  'DL-05': 'a thousand links a second: one dialog at most',
  'DL-06': 'a link during a sign-in, while locked, before ready: kept once',
  'DL-07': 'a link that plays a sign-in answer: there is no such route',
  'DL-08': 'malformed, foreign and endless messages to the main process: refused, counted, and it lives',
  'DL-09': 'a window that asks for a secret: there is nothing to ask with',
  'DL-10': 'values that look like switches: plain text',
};
