import type { Arrival } from './arrival.ts';

/** A person of the workspace. Tools run as one of them. */
export interface AllvMember {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** A workspace API key, and a name for it that may be shown. */
export interface AllvKey {
  readonly key: string;
  readonly label: string;
}

/** Why a request is refused; sent as the JSON body. */
export interface AllvRefusal {
  readonly status: number;
  readonly error: string;
  readonly reason: string;
}

/** Finds the key of a request: `Authorization: Bearer` or `x-api-key`, or both when they carry the same. */
export function findKey(arrival: Arrival, keys: readonly AllvKey[]): AllvKey | AllvRefusal {
  const authorization = arrival.headers.authorization;
  const bearer = authorization === undefined ? undefined : (/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '');
  const header = arrival.headers['x-api-key'];
  if (bearer === undefined && header === undefined) {
    return refuseKey('api_key_missing', 'Send the workspace API key in Authorization or in x-api-key.');
  }
  if (bearer !== undefined && header !== undefined && bearer !== header) {
    return refuseKey('api_key_ambiguous', 'Authorization and x-api-key carry different keys.');
  }
  const given = bearer ?? header;
  const known = keys.find(({ key }) => key === given);
  return known ?? refuseKey('api_key_invalid', 'This workspace has no such API key.');
}

/** Finds the selected member: by id or by e-mail address, exactly one of the two. */
export function findMember(arrival: Arrival, members: readonly AllvMember[]): AllvMember | AllvRefusal {
  const id = arrival.headers['x-allv-user-id'];
  const email = arrival.headers['x-allv-user-email'];
  if (id === undefined && email === undefined) {
    return {
      status: 400,
      error: 'member_missing',
      reason: 'Select a member with x-allv-user-id or x-allv-user-email.',
    };
  }
  if (id !== undefined && email !== undefined) {
    return {
      status: 400,
      error: 'member_ambiguous',
      reason: 'Select the member by id or by e-mail, not both.',
    };
  }
  return (
    members.find((member) => (id === undefined ? member.email === email : member.id === id)) ?? {
      status: 403,
      error: 'member_unknown',
      reason: 'The selected person is not a member of this workspace.',
    }
  );
}

function refuseKey(error: string, reason: string): AllvRefusal {
  return { status: 401, error, reason };
}
