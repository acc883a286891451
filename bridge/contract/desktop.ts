import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { AccountId } from './account.ts';
import { AddForm } from './link.ts';
import { SignInId } from './sign-in.ts';

/** How far an update is. `off`: this build takes none, and `text` says why. */
export const UpdateState = z.strictObject({
  state: z.enum(['off', 'idle', 'checking', 'downloading', 'ready', 'failed']),
  /** The version that is coming; null while there is none. */
  version: z.string().nullable(),
  /** One sentence for people; empty when there is nothing to say. */
  text: z.string(),
  /** Of the download, 0 to 100. */
  percent: z.number().min(0).max(100).nullable(),
});
export type UpdateState = z.infer<typeof UpdateState>;

/** What the person chose for the desktop app itself. It says nothing about accounts or the bridge. */
export const DesktopChoices = z.strictObject({
  notifications: z.boolean().default(true),
  /** Accounts that send no notification. */
  muted: z.array(AccountId).default([]),
  /** Say what quitting costs while apps are connected. */
  askBeforeQuit: z.boolean().default(true),
  /** The window was closed to the tray once, and was told where the app lives. */
  knowsTray: z.boolean().default(false),
});
export type DesktopChoices = z.infer<typeof DesktopChoices>;

/** What a window shows of the desktop app around it. */
export const DesktopState = z.strictObject({
  platform: z.enum(['darwin', 'win32', 'linux']),
  choices: DesktopChoices,
  /** Whether the app starts when the person signs in; null where that cannot be set. */
  openAtLogin: z.boolean().nullable(),
  /** `missing`: this desktop shows no tray icons. */
  tray: z.enum(['shown', 'missing']),
  update: UpdateState,
  /** What a link wants to add; a form shows it, and nothing is done before the person acts. */
  form: AddForm.nullable(),
});
export type DesktopState = z.infer<typeof DesktopState>;

/**
 * What a window may ask of the desktop app, besides `control`. Nothing here takes a web address or a path from the
 * window, and nothing returns a secret.
 */
export const desktop = {
  /** The whole state first, then the parts that changed. */
  watch: oc.output(eventIterator(DesktopState.partial())),
  choose: oc
    .input(
      z
        .strictObject({
          notifications: z.boolean(),
          muted: z.array(AccountId).max(1000),
          askBeforeQuit: z.boolean(),
          openAtLogin: z.boolean(),
        })
        .partial(),
    )
    .output(z.strictObject({})),
  /** Opens the page of a sign-in that waits for it, in the person's browser. */
  openSignIn: oc.input(z.strictObject({ id: SignInId })).output(z.strictObject({ opened: z.boolean() })),
  /** Opens one of our own pages in the person's browser. */
  openPage: oc
    .input(z.strictObject({ page: z.enum(['help', 'changes', 'tray-extension']) }))
    .output(z.strictObject({ opened: z.boolean() })),
  /**
   * Makes a bundle for `current`, a connector or an account, and opens it with the app that installs such.
   * `opened: false`: there is none; the bundle is made all the same.
   */
  openBundle: oc
    .input(z.strictObject({ address: z.string().max(200).default('current') }))
    .output(z.strictObject({ opened: z.boolean(), path: z.string() })),
  /** Puts a text on the clipboard; a secret one is taken off again after a minute. */
  copy: oc
    .input(z.strictObject({ text: z.string().max(65_536), secret: z.boolean() }))
    .output(z.strictObject({})),
  /** The form of a link was shown, or refused. */
  formTaken: oc.output(z.strictObject({})),
  checkForUpdates: oc.output(UpdateState),
  restartToUpdate: oc.output(z.strictObject({})),
  quit: oc.output(z.strictObject({})),
};
