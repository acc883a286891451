/** Where updates of this build come from, and by whose signature they are known. */
export interface UpdateOrigin {
  /** The ed25519 key of the makers: base64 of its SubjectPublicKeyInfo (RFC 8410). */
  readonly publicKey: string;
  /** Address of the folder that holds `latest*.yml`, the signed manifests and the packages; it ends with a slash. */
  readonly feed: string;
}

/** The release workflow writes this; a build made by anybody else has none, and then does not update itself. */
export const updateOrigin: UpdateOrigin | null = null;
