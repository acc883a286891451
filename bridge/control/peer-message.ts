import * as z from 'zod';

/** A request to start a procedure, or to give one up. Nothing else of oRPC's peer protocol is used here. */
const PeerRequest = z.strictObject({
  i: z.string().max(40),
  p: z.strictObject({ u: z.string().regex(/^(\/[A-Za-z]+)+$/), b: z.looseObject({}).optional() }),
});
const PeerAbort = z.strictObject({ i: z.string().max(40), t: z.literal(4) });
const PeerMessage = z.union([PeerRequest, PeerAbort]);

/** Whether a guest's text may reach oRPC, whose adapters fall over anything unexpected. */
export function isPeerMessage(text: string): boolean {
  try {
    return PeerMessage.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
