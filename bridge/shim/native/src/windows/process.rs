//! This process, the one that started it, and what the console says to it.

use super::api;
use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::time::Duration;

static SIGNALLED: AtomicBool = AtomicBool::new(false);
static BELL: AtomicPtr<std::os::raw::c_void> = AtomicPtr::new(null_mut());

/// Wakes the thread that waits; the console rings it, too.
pub struct Bell {
    event: usize,
}

impl Bell {
    pub fn new() -> io::Result<Bell> {
        let event = unsafe { api::CreateEventW(null_mut(), 0, 0, null_mut()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        BELL.store(event, Ordering::SeqCst);
        unsafe { api::SetConsoleCtrlHandler(on_console, 1) };
        Ok(Bell { event: event as usize })
    }

    /// The person closed the console, or the client asked us to leave.
    pub fn is_signalled(&self) -> bool {
        SIGNALLED.load(Ordering::SeqCst)
    }

    pub fn ring(&self) {
        ring(self.event as api::Handle);
    }

    pub fn wait(&self, longest: Duration) {
        unsafe { api::WaitForSingleObject(self.event as api::Handle, longest.as_millis() as u32 + 1) };
    }
}

fn ring(event: api::Handle) {
    unsafe { api::SetEvent(event) };
}

/// Ctrl+C, Ctrl+Break, the console closes, the person leaves. It runs in a thread of its own; when it returns from one of the
/// latter, the process is ended.
extern "system" fn on_console(event: u32) -> i32 {
    SIGNALLED.store(true, Ordering::SeqCst);
    ring(BELL.load(Ordering::SeqCst));
    if event >= 2 {
        std::thread::sleep(crate::limits::SIGNAL_DRAIN * 2);
    }
    1
}

/// Who started us, by its handle: numbers of processes are used again.
pub struct Parent(Option<usize>);

impl Parent {
    pub fn now() -> Parent {
        Parent(open_parent().map(|handle| handle as usize))
    }

    pub fn is_gone(&self) -> bool {
        self.0.map_or(false, |handle| unsafe {
            api::WaitForSingleObject(handle as api::Handle, 0) == api::WAIT_OBJECT
        })
    }
}

/// None when it cannot be known; a process that is younger than we are has only the same number.
fn open_parent() -> Option<api::Handle> {
    let mut found = api::BasicInformation::default();
    let size = std::mem::size_of::<api::BasicInformation>() as u32;
    unsafe {
        let own = api::GetCurrentProcess();
        if api::NtQueryInformationProcess(own, 0, &mut found, size, null_mut()) != 0 {
            return None;
        }
        let parent = api::OpenProcess(api::SYNCHRONIZE | api::PROCESS_QUERY_LIMITED, 0, found.parent as u32);
        if parent.is_null() {
            return None;
        }
        (created(parent)? <= created(own)?).then_some(parent)
    }
}

unsafe fn created(process: api::Handle) -> Option<u64> {
    let (mut created, mut rest) = (0, [0; 3]);
    let [ended, kernel, user] = &mut rest;
    (api::GetProcessTimes(process, &mut created, ended, kernel, user) != 0).then_some(created)
}

/// What the system knows of this user.
pub fn profile_folder() -> Option<PathBuf> {
    let mut folder = [0u16; 1024];
    let mut size = folder.len() as u32;
    unsafe {
        let mut token = null_mut();
        if api::OpenProcessToken(api::GetCurrentProcess(), api::TOKEN_QUERY, &mut token) == 0 {
            return None;
        }
        let found = api::GetUserProfileDirectoryW(token, folder.as_mut_ptr(), &mut size);
        api::CloseHandle(token);
        // The size counts the NUL at the end.
        (found != 0 && size > 1).then(|| PathBuf::from(OsString::from_wide(&folder[..size as usize - 1])))
    }
}
