import type { Choices } from './scripted.ts';

/** A form of one of the sample pages, which are plain HTML with double quotes. */
export interface Form {
  /** Where it is sent; to the page itself when absent. */
  readonly action: string | undefined;
  /** What a person would send. @throws Error when the account is not among the choices. */
  fill(choose: Choices): URLSearchParams;
}

/** The forms of a page that are sent with POST. */
export function formsIn(page: string): readonly Form[] {
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)]
    .filter(([, tag = '']) => attribute(tag, 'method')?.toLowerCase() === 'post')
    .map(([, tag = '', body = '']) => ({
      action: attribute(tag, 'action'),
      fill: (choose) => fill(body, choose),
    }));
}

function fill(body: string, choose: Choices): URLSearchParams {
  const fields = new URLSearchParams();
  const radios: Record<'name' | 'value' | 'label', string>[] = [];
  for (const [, tag = '', after = ''] of body.matchAll(/<input\b([^>]*)>([^<]*)/g)) {
    const [name, type, value] = ['name', 'type', 'value'].map((one) => attribute(tag, one) ?? '');
    if (name === undefined || name === '') continue;
    if (type === 'radio') radios.push({ name, value: value ?? '', label: plain(after).trim() });
    else fields.set(name, type === 'email' ? (choose.email ?? 'person@example.com') : (value ?? ''));
  }
  const button = [...body.matchAll(/<button\b([^>]*)>/g)]
    .map(([, tag = '']) => ({ name: attribute(tag, 'name'), value: attribute(tag, 'value') }))
    .find(({ value }) => value === (choose.decline ? 'cancel' : 'authorize'));
  if (button?.name !== undefined && button.value !== undefined) fields.set(button.name, button.value);
  if (radios.length === 0 || choose.decline) return fields;
  const radio = radios.find(({ value, label }) => choose.account === value || choose.account === label);
  if (radio === undefined) throw new Error(`There is no account ${choose.account ?? ''} on the page.`);
  fields.set(radio.name, radio.value);
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : plain(found);
}

/** Text without the references to characters that the sample pages use. */
function plain(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
