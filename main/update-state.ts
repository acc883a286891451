import type { UpdateState } from '#contract/desktop.ts';

/** What happens on the way from one version to the next. */
export type UpdateEvent =
  | { readonly kind: 'look' }
  | { readonly kind: 'nothing' }
  /** The server, or the way to it, failed. `asked`: a person waits for an answer. */
  | { readonly kind: 'unreachable'; readonly asked: boolean }
  /** An offer passed every check, and its download begins. */
  | { readonly kind: 'found'; readonly version: string }
  | { readonly kind: 'progress'; readonly percent: number }
  | { readonly kind: 'downloaded' }
  | { readonly kind: 'refused'; readonly because: string }
  /** This copy cannot be replaced from inside. */
  | { readonly kind: 'off'; readonly because: string };

/** Nothing is known and nothing is to be said. */
export const idle: UpdateState = { state: 'idle', version: null, text: '', percent: null };

/** A copy that takes no updates, and why. */
export function off(text: string): UpdateState {
  return { state: 'off', version: null, text, percent: null };
}

/** The state after an event; the same object when the event means nothing in this state. */
export function nextUpdate(state: UpdateState, event: UpdateEvent): UpdateState {
  switch (event.kind) {
    case 'look':
      return state.state === 'idle' || state.state === 'failed' ? { ...idle, state: 'checking' } : state;
    case 'nothing':
      return state.state === 'checking' ? { ...idle, text: 'Gangway is up to date.' } : state;
    case 'unreachable':
      if (state.state !== 'checking' && state.state !== 'downloading') return state;
      return event.asked
        ? failed('The update could not be fetched. Check the network, then try again.')
        : idle;
    case 'found':
      if (state.state !== 'checking') return state;
      return {
        state: 'downloading',
        version: event.version,
        text: `Version ${event.version} is being downloaded.`,
        percent: 0,
      };
    case 'progress':
      return state.state === 'downloading' ? withPercent(state, event.percent) : state;
    case 'downloaded':
      if (state.state !== 'downloading') return state;
      return {
        ...state,
        state: 'ready',
        text: `Version ${state.version} is ready. Connected apps reconnect by themselves after the restart.`,
        percent: 100,
      };
    case 'refused':
      return state.state === 'off' ? state : failed(event.because);
    case 'off':
      return off(event.because);
    default:
      return event satisfies never;
  }
}

function failed(text: string): UpdateState {
  return { state: 'failed', version: null, text: text.slice(0, 300), percent: null };
}

/** In whole percents that never go back, so that a window is not redrawn for nothing. */
function withPercent(state: UpdateState, percent: number): UpdateState {
  const whole = Math.min(Math.floor(Number.isFinite(percent) ? percent : 0), 99);
  return whole > (state.percent ?? 0) ? { ...state, percent: whole } : state;
}
