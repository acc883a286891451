//! Win32, as far as it is called here.

use std::os::raw::c_void;

pub type Handle = *mut c_void;

pub const INVALID_HANDLE: Handle = usize::MAX as Handle;
pub const STD_INPUT: u32 = -10i32 as u32;
pub const STD_OUTPUT: u32 = -11i32 as u32;
pub const STD_ERROR: u32 = -12i32 as u32;
pub const HANDLE_FLAG_INHERIT: u32 = 1;
pub const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
pub const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
/// The owner of a pipe learns who we are, and can do nothing in our name.
pub const SECURITY_IDENTIFICATION: u32 = 0x0011_0000;
pub const GENERIC_READ_WRITE: u32 = 0xc000_0000;
pub const OPEN_EXISTING: u32 = 3;
pub const DETACHED_PROCESS: u32 = 0x8;
pub const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
pub const ERROR_ACCESS_DENIED: u32 = 5;
pub const ERROR_BROKEN_PIPE: u32 = 109;
pub const ERROR_PIPE_BUSY: u32 = 231;
pub const ERROR_IO_PENDING: u32 = 997;
pub const INFINITE: u32 = u32::MAX;
pub const WAIT_OBJECT: u32 = 0;
pub const PROCESS_QUERY_LIMITED: u32 = 0x1000;
pub const SYNCHRONIZE: u32 = 0x0010_0000;
pub const TOKEN_QUERY: u32 = 8;

#[repr(C)]
pub struct Overlapped {
    pub internal: [usize; 2],
    pub offset: u64,
    pub event: Handle,
}

#[repr(C)]
#[derive(Default)]
pub struct BasicInformation {
    pub exit_status: usize,
    pub peb: usize,
    pub affinity: usize,
    pub priority: usize,
    pub id: usize,
    pub parent: usize,
}

#[link(name = "kernel32")]
extern "system" {
    pub fn GetStdHandle(which: u32) -> Handle;
    pub fn SetHandleInformation(handle: Handle, mask: u32, flags: u32) -> i32;
    pub fn GetFullPathNameW(path: *const u16, size: u32, target: *mut u16, file: *mut *mut u16) -> u32;
    pub fn CreateFileW(
        path: *const u16,
        access: u32,
        share: u32,
        security: *mut c_void,
        disposition: u32,
        flags: u32,
        template: Handle,
    ) -> Handle;
    pub fn WaitNamedPipeW(path: *const u16, milliseconds: u32) -> i32;
    pub fn ReadFile(file: Handle, target: *mut u8, size: u32, read: *mut u32, with: *mut Overlapped) -> i32;
    pub fn WriteFile(
        file: Handle,
        bytes: *const u8,
        size: u32,
        wrote: *mut u32,
        with: *mut Overlapped,
    ) -> i32;
    pub fn GetOverlappedResult(file: Handle, with: *mut Overlapped, count: *mut u32, wait: i32) -> i32;
    pub fn CancelIoEx(file: Handle, with: *mut Overlapped) -> i32;
    pub fn CreateEventW(security: *mut c_void, manual: i32, initial: i32, name: *const u16) -> Handle;
    pub fn SetEvent(event: Handle) -> i32;
    pub fn WaitForSingleObject(object: Handle, milliseconds: u32) -> u32;
    pub fn CloseHandle(handle: Handle) -> i32;
    pub fn GetLastError() -> u32;
    pub fn GetCurrentProcess() -> Handle;
    pub fn OpenProcess(access: u32, inherit: i32, id: u32) -> Handle;
    pub fn GetProcessTimes(
        process: Handle,
        created: *mut u64,
        ended: *mut u64,
        kernel: *mut u64,
        user: *mut u64,
    ) -> i32;
    pub fn SetConsoleCtrlHandler(routine: extern "system" fn(u32) -> i32, add: i32) -> i32;
}

#[link(name = "advapi32")]
extern "system" {
    #[link_name = "SystemFunction036"]
    pub fn RtlGenRandom(target: *mut u8, length: u32) -> u8;
    pub fn OpenProcessToken(process: Handle, access: u32, token: *mut Handle) -> i32;
}

#[link(name = "userenv")]
extern "system" {
    pub fn GetUserProfileDirectoryW(token: Handle, target: *mut u16, size: *mut u32) -> i32;
}

#[link(name = "ntdll")]
extern "system" {
    pub fn NtQueryInformationProcess(
        process: Handle,
        class: i32,
        target: *mut BasicInformation,
        size: u32,
        length: *mut u32,
    ) -> i32;
}
