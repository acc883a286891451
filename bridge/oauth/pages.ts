import { createHash } from 'node:crypto';

/** A page the browser is shown when it comes back. Made once from fixed words, so nothing of a request can be in it. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

const STYLE = `
:root { color-scheme: light dark; --back: #f4f5f7; --card: #fff; --line: #dcdfe4; --text: #1b1f24; --soft: #57606a; --good: #1a7f37; --bad: #b35900; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0f1216; --card: #181c22; --line: #2c333c; --text: #eceff3; --soft: #a4adb8; --good: #57d364; --bad: #f0a94b; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.name { margin: 0 0 1.25rem; font-size: 0.875rem; color: var(--soft); letter-spacing: 0.02em; }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; line-height: 1.3; }
h1::before { content: ''; display: block; width: 2.5rem; height: 0.25rem; margin-bottom: 1rem; border-radius: 0.125rem; background: var(--mark); }
.good { --mark: var(--good); }
.bad { --mark: var(--bad); }
p { margin: 0; color: var(--soft); }
`;

const style = createHash('sha256').update(STYLE).digest('base64');

/** Sent with every answer. The pages need nothing but their own style; nobody may frame, sniff or keep them. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // One request per connection, so that none is held open.
  Connection: 'close',
};

/** Where the browser is sent after its answer was taken, so that the code leaves the address bar. */
export const resultPages = {
  '/done': page(
    200,
    'good',
    'You can close this tab',
    'The sign-in page has answered. Go back to Gangway, which finishes the sign-in.',
  ),
  '/denied': page(
    200,
    'bad',
    'You chose not to allow access',
    'Nothing was signed in. You can close this tab and go back to Gangway.',
  ),
  '/failed': page(
    200,
    'bad',
    'This sign-in did not work',
    'Nothing was signed in. You can close this tab. Gangway says what happened and what to do.',
  ),
} as const satisfies Record<string, Page>;

const NOT_OURS = 'Gangway does not expect this';

/** Why a request was not taken. The sign-in goes on waiting after each of them, except `over`. */
export const refusalPages = {
  over: page(
    409,
    'bad',
    'This sign-in is over',
    'It has expired or was already used. Go back to Gangway and start again.',
  ),
  unknown: page(
    400,
    'bad',
    NOT_OURS,
    'This answer does not belong to the sign-in that is waiting. Nothing happened. Go back to Gangway.',
  ),
  unreadable: page(
    400,
    'bad',
    'The answer did not arrive',
    'The sign-in page sent its answer in a way that cannot be read here. Go back to Gangway and start again; if it happens again, tell whoever runs the workspace.',
  ),
  method: page(
    405,
    'bad',
    'The answer did not arrive',
    'The sign-in page sent its answer as a form, which Gangway does not take. Go back to Gangway and start again; if it happens again, tell whoever runs the workspace.',
  ),
  tooLong: page(400, 'bad', NOT_OURS, 'The address is too long. Nothing happened. Go back to Gangway.'),
  malformed: page(400, 'bad', NOT_OURS, 'The request is not valid. Nothing happened. Go back to Gangway.'),
  foreign: page(403, 'bad', NOT_OURS, 'Only a browser that comes from the sign-in page may open this.'),
  absent: page(404, 'bad', 'There is nothing here', 'Go back to Gangway.'),
} as const satisfies Record<string, Page>;

function page(status: number, mood: 'good' | 'bad', title: string, text: string): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Gangway</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${mood}">
<p class="name">Gangway</p>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
  return { status, html };
}
