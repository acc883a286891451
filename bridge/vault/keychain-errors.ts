import type { Because } from './trouble.ts';

interface Row {
  readonly because: Because;
  readonly message: RegExp;
  /** Only there, because the same words mean something else elsewhere. */
  readonly on?: NodeJS.Platform;
}

/**
 * What the messages of `@napi-rs/keyring` mean. All its errors carry the code `GenericFailure`, so the text is the only
 * sign. It is "Platform failure: …" or "Couldn't access platform storage: …" followed by the platform's own words: on
 * Linux those of D-Bus and of the Secret Service; on macOS `SecCopyErrorMessageString`, which may be translated, or
 * "error code N" with an OSStatus; on Windows "Windows ERROR_…" or "Windows error code N". The first row that fits
 * counts.
 */
const rows: readonly Row[] = [
  // Linux: Secret Service and D-Bus.
  { because: 'denied', message: /AccessDenied|Rejected (send|receive) message|AppArmor/, on: 'linux' },
  { because: 'locked', message: /prompt (was )?dismissed|object (is )?locked|IsLocked/i, on: 'linux' },
  {
    because: 'not-answering',
    message: /Did not receive a reply|NoReply|before prompt completed/,
    on: 'linux',
  },
  { because: 'no-collection', message: /no result found|result not returned/, on: 'linux' },
  {
    because: 'no-keychain',
    message:
      /DBUS_SESSION_BUS_ADDRESS|not provided by any \.service files|Failed to connect to (socket|address)|no (DBus session|secret service provider)|ServiceUnknown|NameHasNoOwner|disconnected from D-Bus|Activat|exited with status/i,
    on: 'linux',
  },
  // macOS: OSStatus of the Security framework.
  {
    because: 'locked',
    message: /interaction is (not allowed|required)|dark wake|error code -253(08|15|20)\b/i,
    on: 'darwin',
  },
  {
    because: 'denied',
    message:
      /canceled the operation|passphrase you entered is not correct|required entitlement|error code (-128|-25293|-34018)\b/i,
    on: 'darwin',
  },
  { because: 'no-keychain', message: /^Couldn't access platform storage/, on: 'darwin' },
  {
    because: 'no-keychain',
    message: /default keychain could not be found|error code -25307\b/i,
    on: 'darwin',
  },
  // Cancelling and refusing may be told in any language; asking again unasked would be a storm of prompts.
  { because: 'denied', message: /^Platform failure/, on: 'darwin' },
  // Windows: the Credential Manager. Services and remote logons without a profile have none.
  { because: 'no-keychain', message: /ERROR_NO_SUCH_LOGON_SESSION/, on: 'win32' },
  // ERROR_ACCESS_DENIED.
  { because: 'denied', message: /Windows error code 5\b/, on: 'win32' },
  // ERROR_INVALID_DATA, NTE_BAD_KEY_STATE: sealed by DPAPI for another user or before a password reset.
  { because: 'key-missing', message: /Windows error code (13|2148073483)\b/, on: 'win32' },
];

/** Why the keychain failed, by its message. The message itself goes no further: it may quote foreign text. */
export function becauseOf(message: string, platform: NodeJS.Platform): Because {
  const row = rows.find((row) => (row.on ?? platform) === platform && row.message.test(message));
  return row?.because ?? 'unrecognised';
}
