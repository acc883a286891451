//! What this program needs of Windows beyond the standard library's portable part.

#[path = "windows/api.rs"]
mod api;
#[path = "windows/pipe.rs"]
mod pipe;
#[path = "windows/process.rs"]
mod process;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::FromRawHandle;
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr::null_mut;

pub use self::pipe::{NoStream, Stream};
pub use self::process::{Bell, Parent};

pub const EXECUTABLE_ENDING: &str = ".exe";

/// An owner that we start must not get the client's pipes, which would keep them open after us.
pub fn prepare() {
    for which in [api::STD_INPUT, api::STD_OUTPUT, api::STD_ERROR] {
        unsafe { api::SetHandleInformation(api::GetStdHandle(which), api::HANDLE_FLAG_INHERIT, 0) };
    }
}

pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    let done = unsafe { api::RtlGenRandom(bytes.as_mut_ptr(), bytes.len() as u32) };
    assert!(done != 0, "this system has no random numbers");
    bytes
}

/// Like `os.homedir()`.
pub fn home_folder() -> PathBuf {
    let named = std::env::var_os("USERPROFILE").filter(|home| !home.is_empty());
    named.map(PathBuf::from).or_else(process::profile_folder).unwrap_or_else(|| PathBuf::from(r"C:\"))
}

/// Like `path.resolve()`: by names alone, with backslashes, and none at the end.
pub fn absolute(path: &Path) -> PathBuf {
    let wide = wide(path);
    let mut full = vec![0u16; 32_768];
    let length = unsafe {
        api::GetFullPathNameW(wide.as_ptr(), full.len() as u32, full.as_mut_ptr(), null_mut()) as usize
    };
    if length == 0 || length >= full.len() {
        return path.to_owned();
    }
    full.truncate(length);
    while full.len() > 3 && full.last() == Some(&u16::from(b'\\')) {
        full.pop();
    }
    PathBuf::from(std::ffi::OsString::from_wide(&full))
}

/// As Node hashes it.
pub fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

/// Opens a plain file; the folder around it is closed to others by the rights it inherits.
pub fn open_own(path: &Path) -> Option<File> {
    let file =
        OpenOptions::new().read(true).custom_flags(api::FILE_FLAG_OPEN_REPARSE_POINT).open(path).ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

pub fn close_to_others(_file: &File) -> io::Result<()> {
    Ok(())
}

pub fn is_writable_by_others(_file: &File) -> bool {
    false
}

pub fn private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

pub fn private_file(path: &Path) -> io::Result<File> {
    File::create(path)
}

/// Makes a command that goes on without us, and shows no window.
pub fn detach(command: &mut Command) {
    command.creation_flags(api::DETACHED_PROCESS | api::CREATE_NEW_PROCESS_GROUP);
}

/// Reads what the client says; 0 at the end. Trouble is an end, too.
pub fn read_stdin(target: &mut [u8]) -> usize {
    with_standard(api::STD_INPUT, |mut stdin| stdin.read(target)).unwrap_or(0)
}

pub fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    with_standard(api::STD_OUTPUT, |mut stdout| stdout.write_all(bytes))
}

pub fn write_stderr(bytes: &[u8]) -> io::Result<()> {
    with_standard(api::STD_ERROR, |mut stderr| stderr.write_all(bytes))
}

fn with_standard<T>(which: u32, act: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
    let handle = unsafe { api::GetStdHandle(which) };
    if handle.is_null() || handle == api::INVALID_HANDLE {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    act(&ManuallyDrop::new(unsafe { File::from_raw_handle(handle) }))
}
