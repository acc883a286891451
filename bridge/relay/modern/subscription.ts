import { isRecord } from '../../base/record.ts';
import { objectAt, withMembers } from '../../jsonrpc/members.ts';
import type { NotificationMessage, RequestMessage } from '../../jsonrpc/message.ts';
import { locate } from '../../jsonrpc/text.ts';
import { resultOf } from '../../jsonrpc/write.ts';
import { meta } from '../../upstream/modern/envelope.ts';
import { GROUPS, type Group } from '../greeting.ts';

export const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const UPDATED = 'notifications/resources/updated';

/** A notification on its way to a listen; of two with the same key one is enough. */
export interface Notice {
  readonly key: string | undefined;
  readonly data: Uint8Array;
}

/** What one listen asked for (MCP 2026-07-28, `subscriptions/listen`), and the messages that it hears. */
export class Subscription {
  /** Raw JSON text: the id of the listen request. */
  readonly id: string;
  /** Lists whose changes it wants to hear of. */
  readonly groups: readonly Group[];
  /** Resources whose changes it wants to hear of. */
  readonly uris: readonly string[];
  readonly #keys: ReadonlySet<string | undefined>;

  constructor(message: RequestMessage) {
    const filter = isRecord(message.params.notifications) ? message.params.notifications : {};
    const uris: unknown[] = Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions : [];
    this.id = message.id;
    this.groups = GROUPS.filter((group) => filter[memberOf(group)] === true);
    this.uris = [...new Set(uris.filter((uri) => typeof uri === 'string'))];
    const lists = this.groups.map((group) => keyOf(`notifications/${group}/list_changed`, undefined));
    this.#keys = new Set([...lists, ...this.uris.map((uri) => keyOf(UPDATED, uri))]);
  }

  /** It is about a list or resource that was asked for by name, so there are only so many of its kind. */
  isNamed({ key }: Notice): boolean {
    return key !== undefined && this.#keys.has(key);
  }

  /** That every list, and every resource it follows, may be another now. */
  notices(): readonly Notice[] {
    const lists = this.groups.map((group) => this.#notice(`notifications/${group}/list_changed`));
    return [...lists, ...this.uris.map((uri) => this.#notice(UPDATED, uri))];
  }

  #notice(method: string, uri?: string): Notice {
    const about = uri === undefined ? '' : `"uri":${JSON.stringify(uri)},`;
    const params = `{${about}"_meta":${this.#meta()}}`;
    return {
      key: keyOf(method, uri),
      data: Buffer.from(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params}}`),
    };
  }

  /** A notification of the workspace as this listen hears it: with its id, everything else as it came. */
  heard(notification: NotificationMessage): Notice {
    const { method, params } = notification;
    const text = this.#tagged(notification.text);
    return {
      key: keyOf(method, params.uri),
      data: text === notification.text ? notification.bytes : Buffer.from(text),
    };
  }

  /**
   * What is honoured: what the workspace acknowledged, and every list, because the bridge itself is a source of change.
   * Without `theirs` it is the lists alone.
   */
  acknowledgement(theirs?: NotificationMessage): Uint8Array {
    const lists = Object.fromEntries(this.groups.map((group) => [memberOf(group), 'true']));
    const own = `{"jsonrpc":"2.0","method":"${ACKNOWLEDGED}","params":{"notifications":{}}}`;
    const honoured = theirs && objectAt(theirs.text, ['params', 'notifications']);
    const text = honoured ? theirs.text : own;
    const place = honoured ?? objectAt(own, ['params', 'notifications']);
    return Buffer.from(this.#tagged(place ? withMembers(text, place, lists) : text));
  }

  /** The answer that ends the listen. */
  result(): Uint8Array {
    return resultOf(this.id, `{"resultType":"complete","_meta":${this.#meta()}}`);
  }

  #meta(): string {
    return `{${JSON.stringify(meta.subscriptionId)}:${this.id}}`;
  }

  /** The client finds its listen by the id; a workspace that left it out, or wrote it in another way, is put right. */
  #tagged(text: string): string {
    const present = locate(text, ['params', '_meta', meta.subscriptionId]);
    if (present && text.slice(present.start, present.end) === this.id) return text;
    const given = objectAt(text, ['params', '_meta']);
    if (given) return withMembers(text, given, { [meta.subscriptionId]: this.id });
    const params = objectAt(text, ['params']);
    if (params) return withMembers(text, params, { _meta: this.#meta() });
    const message = objectAt(text, []);
    return message ? withMembers(text, message, { params: `{"_meta":${this.#meta()}}` }) : text;
  }
}

/** The message asks for a listen that can be understood. */
export function isSubscription(message: RequestMessage): boolean {
  return isRecord(message.params.notifications);
}

/** The workspace's acknowledgement honours anything at all. */
export function honoursAny(acknowledgement: NotificationMessage): boolean {
  const honoured = acknowledgement.params.notifications;
  if (!isRecord(honoured)) return false;
  return Object.values(honoured).some(
    (value) => value !== false && !(Array.isArray(value) && value.length === 0),
  );
}

function memberOf(group: Group): string {
  return `${group}ListChanged`;
}

function keyOf(method: string, uri: unknown): string | undefined {
  if (method === UPDATED) return typeof uri === 'string' ? `${method} ${uri}` : undefined;
  return method.endsWith('/list_changed') ? method : undefined;
}
