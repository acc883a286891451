import { createHash } from 'node:crypto';

/** A page of the panel itself, beside the window. Made of our own words only: nothing of a request can be in it. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

const STYLE = `
:root { color-scheme: light dark; --back: #f4f5f7; --card: #fff; --line: #dcdfe4; --text: #1b1f24; --soft: #57606a; --link: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0f1216; --card: #181c22; --line: #2c333c; --text: #eceff3; --soft: #a4adb8; --link: #8ab4f8; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 28rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.name { margin: 0 0 1.25rem; font-size: 0.875rem; color: var(--soft); letter-spacing: 0.02em; }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; line-height: 1.3; }
p { margin: 0; color: var(--soft); }
a { color: var(--link); }
code { padding: 0.1em 0.35em; background: var(--back); border-radius: 0.25rem; }
`;

const style = createHash('sha256').update(STYLE).digest('base64');

/** These pages need nothing but their own style. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const AGAIN = 'Run <code>gangway panel</code> again and open the link that it shows.';

/**
 * Goes on to the window by itself. A redirect would not do: a browser that came by a link in another page or program
 * sends no `SameSite=Strict` cookie along it (RFC 6265bis, section 5.2). This page asks for the window itself.
 */
export const welcomePage = page(
  200,
  'Opening Gangway',
  '<a href="/">Go on to Gangway</a>',
  '<meta http-equiv="refresh" content="0; url=/">\n',
);

export const lockedPage = page(401, 'This panel is locked', AGAIN);
/** The same for every way in which a ticket can be wrong. */
export const wrongTicketPage = page(
  401,
  'This link does not work any more',
  `It works once and for five minutes. ${AGAIN}`,
);
export const tooManyTicketsPage = page(429, 'Too many links that do not work', `Wait a minute. ${AGAIN}`);

/** A refusal in words of ours. */
export function refusalPage(status: number, because: string): Page {
  return page(status, 'This cannot be opened', because);
}

function page(status: number, title: string, text: string, head = ''): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${title} - Gangway</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="name">Gangway</p>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
  return { status, html };
}
