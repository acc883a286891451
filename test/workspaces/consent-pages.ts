import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { type Arrival, readArrival } from './arrival.ts';

/** Something a person can grant, for example one of the accounts of a publisher. */
export interface Choice {
  readonly id: string;
  readonly name: string;
}

/** Somebody who can sign in. */
export interface Person {
  readonly email: string;
  /** Ids of what they may choose from; everything when absent. */
  readonly choices?: readonly string[];
}

/** Who consented to what. */
export interface Consent {
  readonly subject: string;
  readonly choice: string | undefined;
}

export interface ConsentPagesOptions {
  readonly provider: Provider;
  /** The workspace, as its pages call it. */
  readonly name: string;
  /** Empty where nothing has to be chosen. */
  readonly choices: readonly Choice[];
  /** Everybody with an e-mail address when absent. */
  readonly people?: readonly Person[];
  /** Told before the client hears of the grant. */
  readonly onGrant: (grantId: string, consent: Consent) => void;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * The pages of an authorization server: sign in with an e-mail address, then choose and authorize. Plain HTML, no
 * scripts; everything can be reached by its label and by keyboard.
 */
export class ConsentPages {
  readonly #options: ConsentPagesOptions;

  constructor(options: ConsentPagesOptions) {
    this.#options = options;
  }

  /** Answers `GET` and `POST /interaction/<id>`. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = await readArrival(request);
    const interaction = await this.#options.provider
      .interactionDetails(request, response)
      .catch(() => undefined);
    if (interaction === undefined) {
      sendPage(response, 400, 'This sign-in has expired', '<p>Go back to the app and begin again.</p>');
    } else if (arrival.method === 'POST') {
      await this.#submit(interaction, arrival, request, response);
    } else {
      await this.#show(interaction, response);
    }
  }

  async #show(interaction: Interaction, response: ServerResponse, problem?: string): Promise<void> {
    const { name } = this.#options;
    const alert = problem === undefined ? '' : `<p role="alert">${escaped(problem)}</p>`;
    if (interaction.prompt.name === 'login') {
      sendPage(response, problem === undefined ? 200 : 422, `Sign in to ${name}`, `${alert}${LOGIN}`);
      return;
    }
    const client = await this.#options.provider.Client.find(String(interaction.params.client_id));
    const asking = client?.clientName ?? 'An app';
    const body = `${alert}<p>${escaped(asking)} wants to work in ${escaped(name)} as ${escaped(personOf(interaction))}.</p>
<form method="post">
${this.#choicesOf(interaction)}${scopeList(interaction)}
<button type="submit" name="decision" value="authorize">Authorize</button>
<button type="submit" name="decision" value="cancel" formnovalidate>Cancel</button>
</form>`;
    sendPage(response, problem === undefined ? 200 : 422, `Authorize ${asking}`, body);
  }

  async #submit(
    interaction: Interaction,
    arrival: Arrival,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const form = new URLSearchParams(arrival.text);
    const { provider } = this.#options;
    if (interaction.prompt.name === 'login') {
      const email = form.get('email')?.trim() ?? '';
      if (!this.#knows(email)) {
        await this.#show(interaction, response, 'Nobody here has this e-mail address.');
        return;
      }
      await provider.interactionFinished(request, response, { login: { accountId: email } });
    } else if (form.get('decision') === 'cancel') {
      const denied = { error: 'access_denied', error_description: 'The person pressed Cancel.' };
      await provider.interactionFinished(request, response, denied, { mergeWithLastSubmission: false });
    } else {
      const offered = this.#offered(interaction);
      const choice = offered.find(({ id }) => id === form.get('choice'));
      if (choice === undefined && offered.length > 0) {
        await this.#show(interaction, response, 'Choose an account first.');
        return;
      }
      const grantId = await this.#grant(interaction);
      this.#options.onGrant(grantId, { subject: personOf(interaction), choice: choice?.id });
      await provider.interactionFinished(request, response, { consent: { grantId } });
    }
  }

  /** Every consent is a grant of its own, so that one client can hold several accounts side by side. */
  async #grant(interaction: Interaction): Promise<string> {
    const grant = new this.#options.provider.Grant({
      accountId: personOf(interaction),
      clientId: String(interaction.params.client_id),
    });
    const { oidc, byResource } = asked(interaction);
    if (oidc.length > 0) grant.addOIDCScope(oidc.join(' '));
    for (const [resource, scopes] of byResource) grant.addResourceScope(resource, scopes.join(' '));
    return grant.save();
  }

  #knows(email: string): boolean {
    const { people } = this.#options;
    return people === undefined ? /^\S+@\S+$/.test(email) : people.some((one) => one.email === email);
  }

  #offered(interaction: Interaction): readonly Choice[] {
    const { people, choices } = this.#options;
    const mine = people?.find(({ email }) => email === personOf(interaction))?.choices;
    return mine === undefined ? choices : choices.filter(({ id }) => mine.includes(id));
  }

  #choicesOf(interaction: Interaction): string {
    const offered = this.#offered(interaction);
    if (offered.length === 0) return '';
    const radios = offered.map(
      ({ id, name }) =>
        `<p><label><input type="radio" name="choice" value="${escaped(id)}" required> ${escaped(name)}</label></p>`,
    );
    return `<fieldset><legend>Which account?</legend>${radios.join('\n')}</fieldset>`;
  }
}

/** Sends one of the server's pages. The caller escapes what it puts into the body. */
export function sendPage(response: ServerResponse, status: number, title: string, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end(pageText(title, body));
}

/** The text of a page. The caller escapes what it puts into the body. */
export function pageText(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}
button,input{font:inherit}button{padding:.3rem 1rem}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>`;
}

/** Text as it may stand in HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

const LOGIN = `<form method="post">
<p><label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus></p>
<button type="submit">Continue</button>
</form>`;

function personOf(interaction: Interaction): string {
  return interaction.session?.accountId ?? '';
}

function scopeList(interaction: Interaction): string {
  const { oidc, byResource } = asked(interaction);
  const scopes = [...new Set([...oidc, ...[...byResource.values()].flat()])];
  if (scopes.length === 0) return '';
  return `<p id="scopes">It asks for:</p><ul aria-labelledby="scopes">${scopes.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`;
}

/** The scopes that the client asked for. */
function asked({ prompt }: Interaction): { oidc: readonly string[]; byResource: Map<string, string[]> } {
  const { missingOIDCScope, missingResourceScopes } = prompt.details;
  const oidc = Array.isArray(missingOIDCScope) ? missingOIDCScope.map(String) : [];
  const byResource = Object.entries(Object(missingResourceScopes)).map(
    ([resource, scopes]): [string, string[]] => [resource, Array.isArray(scopes) ? scopes.map(String) : []],
  );
  return { oidc, byResource: new Map(byResource) };
}
