//! What this program needs of Linux and macOS beyond the standard library's portable part.

#[path = "unix/home.rs"]
mod home;
#[path = "unix/stream.rs"]
mod stream;

pub use self::home::home_folder;
pub use self::stream::{NoStream, Stream};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::raw::{c_int, c_ulong, c_void};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::io::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{parent_id, CommandExt};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;

extern "C" {
    fn getuid() -> u32;
    fn geteuid() -> u32;
    fn setsid() -> c_int;
    fn signal(number: c_int, handler: usize) -> usize;
    fn pthread_sigmask(how: c_int, set: *const SignalSet, former: *mut SignalSet) -> c_int;
    fn write(fd: c_int, bytes: *const c_void, count: usize) -> isize;
    fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    fn poll(fds: *mut PollFd, count: PollCount, timeout: c_int) -> c_int;
    #[cfg(target_env = "gnu")]
    fn mallopt(parameter: c_int, value: c_int) -> c_int;
}

#[cfg(target_os = "linux")]
type PollCount = c_ulong;
#[cfg(not(target_os = "linux"))]
type PollCount = std::os::raw::c_uint;

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: i16,
    revents: i16,
}

/// At least as large as any system's; all zeros are no signals.
#[repr(C, align(8))]
struct SignalSet([u8; 128]);

#[cfg(target_os = "linux")]
const SIG_SETMASK: c_int = 2;
#[cfg(not(target_os = "linux"))]
const SIG_SETMASK: c_int = 3;

const POLLIN: i16 = 1;
const POLLOUT: i16 = 4;
const SIGHUP: c_int = 1;
const SIGINT: c_int = 2;
const SIGTERM: c_int = 15;
const F_SETFD: c_int = 2;
const FD_CLOEXEC: c_int = 1;

#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "arm")))]
const O_NOFOLLOW: i32 = 0o100000;
#[cfg(all(target_os = "linux", not(any(target_arch = "aarch64", target_arch = "arm"))))]
const O_NOFOLLOW: i32 = 0o400000;
#[cfg(target_os = "linux")]
const O_NONBLOCK: i32 = 0o4000;
#[cfg(not(target_os = "linux"))]
const O_NOFOLLOW: i32 = 0x100;
#[cfg(not(target_os = "linux"))]
const O_NONBLOCK: i32 = 0x4;

/// Call it before any other thread is there.
pub fn prepare() {
    // A client may have started us from a thread that hears no signals, which we would never hear either.
    unsafe { pthread_sigmask(SIG_SETMASK, &SignalSet([0; 128]), null_mut()) };
    // Large blocks go back to the system as soon as they are free, and all threads share one heap.
    #[cfg(target_env = "gnu")]
    unsafe {
        mallopt(-3, 128 * 1024);
        mallopt(-8, 1);
    }
}

pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    let source = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    source.expect("this system has no /dev/urandom");
    bytes
}

/// Like `os.tmpdir()`.
pub fn temporary_folder() -> PathBuf {
    let named = ["TMPDIR", "TMP", "TEMP"].iter().filter_map(std::env::var_os).find(|path| !path.is_empty());
    absolute(Path::new(&named.unwrap_or_else(|| "/tmp".into())))
}

pub fn user() -> u32 {
    unsafe { geteuid() }
}

/// Like `path.resolve()`: by names alone, without a look at the disk.
pub fn absolute(path: &Path) -> PathBuf {
    let here = if path.is_absolute() { PathBuf::new() } else { std::env::current_dir().unwrap_or_default() };
    let mut result = PathBuf::from("/");
    for component in here.components().chain(path.components()) {
        match component {
            Component::Normal(name) => result.push(name),
            Component::ParentDir => drop(result.pop()),
            _ => {}
        }
    }
    result
}

pub fn path_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().to_owned().into_vec()
}

fn is_ours(uid: u32) -> bool {
    uid == unsafe { getuid() }
}

/// Opens a plain file of this user; None when it is anything else.
pub fn open_own(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path).ok()?;
    let found = file.metadata().ok()?;
    (found.is_file() && is_ours(found.uid())).then_some(file)
}

pub fn close_to_others(file: &File) -> io::Result<()> {
    if file.metadata()?.mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(0o600))
}

pub fn is_writable_by_others(file: &File) -> bool {
    file.metadata().map_or(true, |found| found.mode() & 0o022 != 0)
}

/// Readable and writable by this user only, folders and files alike.
pub fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

pub fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Makes a command that goes on without us: no terminal, and none of the client's files but those it is given.
pub fn detach(command: &mut Command) {
    unsafe {
        command.pre_exec(|| {
            setsid();
            for fd in 3..256 {
                fcntl(fd, F_SETFD, FD_CLOEXEC);
            }
            Ok(())
        });
    }
}

pub const EXECUTABLE_ENDING: &str = "";

/// Reads what the client says; 0 at the end. Trouble is an end, too.
pub fn read_stdin(target: &mut [u8]) -> usize {
    patiently(0, POLLIN, |mut stdin| stdin.read(target)).unwrap_or(0)
}

pub fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    write_all(1, bytes)
}

pub fn write_stderr(bytes: &[u8]) -> io::Result<()> {
    write_all(2, bytes)
}

fn write_all(fd: RawFd, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match patiently(fd, POLLOUT, |mut file| file.write(rest))? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => rest = &rest[written..],
        }
    }
    Ok(())
}

/// Somebody who shares one of our standard streams may have made it non-blocking.
fn patiently(fd: RawFd, event: i16, mut act: impl FnMut(&File) -> io::Result<usize>) -> io::Result<usize> {
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
    loop {
        match act(&file) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_for(fd, event, -1),
            other => return other,
        }
    }
}

fn wait_for(fd: RawFd, events: i16, milliseconds: c_int) {
    let mut one = PollFd { fd, events, revents: 0 };
    unsafe { poll(&mut one, 1, milliseconds) };
}

static SIGNALLED: AtomicBool = AtomicBool::new(false);
static BELL_ROPE: AtomicI32 = AtomicI32::new(-1);

/// Wakes the thread that waits; signals ring it, too.
pub struct Bell {
    rope: UnixStream,
    bell: UnixStream,
}

impl Bell {
    pub fn new() -> io::Result<Bell> {
        let (rope, bell) = UnixStream::pair()?;
        rope.set_nonblocking(true)?;
        bell.set_nonblocking(true)?;
        BELL_ROPE.store(rope.as_raw_fd(), Ordering::SeqCst);
        for number in [SIGHUP, SIGINT, SIGTERM] {
            unsafe { signal(number, on_signal as extern "C" fn(c_int) as usize) };
        }
        Ok(Bell { rope, bell })
    }

    /// The client, or the person, asked us to leave.
    pub fn is_signalled(&self) -> bool {
        SIGNALLED.load(Ordering::SeqCst)
    }

    pub fn ring(&self) {
        let _ = (&self.rope).write(b"!");
    }

    pub fn wait(&self, longest: Duration) {
        wait_for(self.bell.as_raw_fd(), POLLIN, longest.as_millis() as c_int + 1);
        while matches!((&self.bell).read(&mut [0; 64]), Ok(read) if read > 0) {}
    }
}

/// Writes once at most, so that it always succeeds and the interrupted code finds its errno as it was.
extern "C" fn on_signal(_number: c_int) {
    if !SIGNALLED.swap(true, Ordering::SeqCst) {
        unsafe { write(BELL_ROPE.load(Ordering::SeqCst), b"!".as_ptr().cast(), 1) };
    }
}

/// Who started us. A process without its parent gets another one.
pub struct Parent(u32);

impl Parent {
    pub fn now() -> Parent {
        Parent(parent_id())
    }

    pub fn is_gone(&self) -> bool {
        parent_id() != self.0
    }
}
