import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AllvKey, type AllvMember, type AllvRefusal, findKey, findMember } from './allv-access.ts';
import { allvRecords, allvServer } from './allv-server.ts';
import { answerJson, readArrival } from './arrival.ts';
import { listen } from './listen.ts';
import { Recorder } from './recorder.ts';
import { answerStateless } from './stateless-door.ts';
import type { Workspace } from './workspace.ts';

export interface AllvOptions {
  readonly port?: number;
  /** One path segment; `ws_demo` when absent. */
  readonly workspaceId?: string;
  readonly keys: readonly AllvKey[];
  /** `allvMembers` when absent. */
  readonly members?: readonly AllvMember[];
}

export interface AllvWorkspace extends Workspace {
  readonly workspaceId: string;
  readonly members: readonly AllvMember[];
  /** Turns `mcp_server_v1` off: everything is refused with 403. */
  disableFeatureFlag(): void;
  enableFeatureFlag(): void;
  /** Removes a member from the workspace. */
  removeMember(id: string): void;
}

/** The members a workspace has unless a test names others. */
export const allvMembers: readonly AllvMember[] = [
  { id: 'usr_ines', email: 'ines@example.com', name: 'Ines' },
  { id: 'usr_otto', email: 'otto@example.com', name: 'Otto' },
];

const FLAG_OFF: AllvRefusal = {
  status: 403,
  error: 'feature_disabled',
  reason: 'The feature flag mcp_server_v1 is off for this workspace.',
};

/**
 * Starts one allv workspace at `/api/workspaces/<id>/mcp`: stateless, POST only; the key and the selected member come
 * with every request.
 */
export async function startAllv(options: AllvOptions): Promise<AllvWorkspace> {
  const { keys, workspaceId = 'ws_demo' } = options;
  const path = `/api/workspaces/${workspaceId}/mcp`;
  let members = options.members ?? allvMembers;
  let flag = true;
  const records = allvRecords(workspaceId, members);
  const requests = new Recorder();

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = await readArrival(request);
    const key = findKey(arrival, keys);
    const member = findMember(arrival, members);
    requests.add(arrival, {
      ...('key' in key ? { principal: key.label } : {}),
      ...('id' in member ? { user: member.id } : {}),
    });
    if (arrival.path !== path) {
      refuse(response, { status: 404, error: 'workspace_unknown', reason: 'There is no such workspace.' });
    } else if (!('key' in key)) {
      refuse(response, key);
    } else if (!flag) {
      refuse(response, FLAG_OFF);
    } else if (!('id' in member)) {
      refuse(response, member);
    } else {
      await answerStateless(arrival, request, response, () => allvServer(records, member));
    }
  };
  const listening = await listen(handle, options.port);
  return {
    workspaceId,
    get members() {
      return members;
    },
    url: `${listening.origin}${path}`,
    origin: listening.origin,
    requests,
    disableFeatureFlag: () => {
      flag = false;
    },
    enableFeatureFlag: () => {
      flag = true;
    },
    removeMember: (id) => {
      members = members.filter((member) => member.id !== id);
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

function refuse(response: ServerResponse, { status, error, reason }: AllvRefusal): void {
  answerJson(response, status, { error, reason });
}
