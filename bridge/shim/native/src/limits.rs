//! The caps of `bridge/base/limits.ts` that concern a shim, under the same names.

use std::time::Duration;

const MB: usize = 1024 * 1024;

/// One line on stdio.
pub const MESSAGE_BYTES: usize = 16 * MB;
/// Lines that wait for an owner; beyond it no more is read from the client.
pub const CLIENT_QUEUE_BYTES: usize = 32 * MB;
/// One line of the handshake; one frame, which is an answer plus room for rewritten ids.
pub const HANDSHAKE_BYTES: usize = 4 * 1024;
pub const FRAME_BYTES: usize = 33 * MB;
pub const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long requests wait for an owner nobody may start, one being started, one that went away.
pub const OWNER_ABSENT: Duration = Duration::from_secs(2);
pub const OWNER_START: Duration = Duration::from_secs(20);
pub const OWNER_RETURN: Duration = Duration::from_secs(30);
/// Running requests may finish after the client closed its side, or after a signal.
pub const STDIN_DRAIN: Duration = Duration::from_secs(30);
pub const SIGNAL_DRAIN: Duration = Duration::from_secs(2);
/// How long the owner may take to close after we did.
pub const LINGER: Duration = Duration::from_secs(1);
pub const PARENT_CHECK: Duration = Duration::from_secs(2);
/// Lines of one client that are said again to a new owner.
pub const REMEMBERED_LINES: usize = 1_024;
/// What one read takes, and up to where copying bytes behind their header is cheaper than a second write.
pub const CHUNK_BYTES: usize = 64 * 1024;
pub const COPY_BYTES: usize = 16 * 1024;
/// Stack of a thread; nothing here recurses.
pub const STACK_BYTES: usize = 128 * 1024;
