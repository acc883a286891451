//! The owner's named pipe. Its handle is overlapped: one that is not lets nobody write while somebody reads.

use super::{api, wide};
use std::io::{self, Read, Write};
use std::path::Path;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

/// How long a pipe may be busy with others, each of whom holds it for a moment.
const BUSY_MS: u32 = 1_000;

/// Why there is no connection: no process; something that is not ours; a process that others keep busy.
pub enum NoStream {
    Absent,
    Foreign,
    Busy,
}

/// A connection to the owner. Any thread may use it.
pub struct Stream {
    handle: api::Handle,
}

unsafe impl Send for Stream {}
unsafe impl Sync for Stream {}

impl Stream {
    pub fn connect(path: &Path) -> Result<Stream, NoStream> {
        let name = wide(path);
        for is_last in [false, true] {
            let flags = api::FILE_FLAG_OVERLAPPED | api::SECURITY_IDENTIFICATION;
            let handle = unsafe {
                let access = api::GENERIC_READ_WRITE;
                api::CreateFileW(name.as_ptr(), access, 0, null_mut(), api::OPEN_EXISTING, flags, null_mut())
            };
            if handle != api::INVALID_HANDLE {
                return Ok(Stream { handle });
            }
            match unsafe { api::GetLastError() } {
                api::ERROR_ACCESS_DENIED => return Err(NoStream::Foreign),
                api::ERROR_PIPE_BUSY if is_last => return Err(NoStream::Busy),
                api::ERROR_PIPE_BUSY => {
                    unsafe { api::WaitNamedPipeW(name.as_ptr(), BUSY_MS) };
                }
                _ => break,
            }
        }
        Err(NoStream::Absent)
    }

    /// Reads what is there; at the end 0.
    pub fn read_until(&self, target: &mut [u8], until: Instant) -> io::Result<usize> {
        self.act(Some(until), |with| unsafe {
            api::ReadFile(self.handle, target.as_mut_ptr(), target.len() as u32, null_mut(), with)
        })
    }

    pub fn write_until(&self, bytes: &[u8], until: Instant) -> io::Result<()> {
        self.write_all(bytes, Some(until))
    }

    /// Times are given with each call here.
    pub fn wait_without_end(&self) -> io::Result<()> {
        Ok(())
    }

    /// A pipe has no half that could be closed. What was written stays there for the owner when we close it.
    pub fn finish_writing(&self) -> bool {
        false
    }

    pub fn close(&self) {
        unsafe { api::CancelIoEx(self.handle, null_mut()) };
    }

    fn write_all(&self, bytes: &[u8], until: Option<Instant>) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = &rest[self.write_some(rest, until)?..];
        }
        Ok(())
    }

    fn write_some(&self, bytes: &[u8], until: Option<Instant>) -> io::Result<usize> {
        self.act(until, |with| unsafe {
            api::WriteFile(self.handle, bytes.as_ptr(), bytes.len() as u32, null_mut(), with)
        })
    }

    /// Starts reading or writing and waits for its end. The buffers stay until then, in any case.
    fn act(
        &self,
        until: Option<Instant>,
        start: impl FnOnce(*mut api::Overlapped) -> i32,
    ) -> io::Result<usize> {
        let event = unsafe { api::CreateEventW(null_mut(), 1, 0, null_mut()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        let mut with = api::Overlapped { internal: [0; 2], offset: 0, event };
        let mut count = 0;
        let is_done = unsafe {
            if start(&mut with) == 0 && api::GetLastError() != api::ERROR_IO_PENDING {
                false
            } else {
                if api::WaitForSingleObject(event, milliseconds(until)) != api::WAIT_OBJECT {
                    api::CancelIoEx(self.handle, &mut with);
                }
                api::GetOverlappedResult(self.handle, &mut with, &mut count, 1) != 0
            }
        };
        let error = io::Error::last_os_error();
        unsafe { api::CloseHandle(event) };
        match is_done {
            true => Ok(count as usize),
            false if error.raw_os_error() == Some(api::ERROR_BROKEN_PIPE as i32) => Ok(0),
            false => Err(error),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        unsafe { api::CloseHandle(self.handle) };
    }
}

impl Read for &Stream {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.act(None, |with| unsafe {
            api::ReadFile(self.handle, target.as_mut_ptr(), target.len() as u32, null_mut(), with)
        })
    }
}

impl Write for &Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_some(bytes, None)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn milliseconds(until: Option<Instant>) -> u32 {
    let left: Option<Duration> = until.map(|until| until.saturating_duration_since(Instant::now()));
    left.map_or(api::INFINITE, |left| left.as_millis() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;

    extern "system" {
        fn CreateNamedPipeW(
            name: *const u16,
            mode: u32,
            kind: u32,
            most: u32,
            out: u32,
            into: u32,
            timeout: u32,
            security: *mut std::os::raw::c_void,
        ) -> api::Handle;
        fn ConnectNamedPipe(pipe: api::Handle, with: *mut api::Overlapped) -> i32;
    }

    /// A pipe with one instance; when somebody has come, its other end.
    fn serve(name: &str) -> impl FnOnce() -> Stream {
        let (duplex_overlapped, bytes) = (3 | api::FILE_FLAG_OVERLAPPED, 0);
        let path = wide(Path::new(name));
        let handle = unsafe {
            CreateNamedPipeW(path.as_ptr(), duplex_overlapped, bytes, 1, 4096, 4096, 0, null_mut())
        };
        assert!(handle != api::INVALID_HANDLE);
        let server = Stream { handle };
        move || {
            let _ = server.act(None, |with| unsafe { ConnectNamedPipe(server.handle, with) });
            server
        }
    }

    #[test]
    fn nobody_is_there() {
        let found = Stream::connect(Path::new(r"\\.\pipe\gangway-test-nobody"));
        assert!(matches!(found, Err(NoStream::Absent)));
    }

    #[test]
    fn one_thread_writes_while_another_reads() {
        let name = r"\\.\pipe\gangway-test-both";
        let accept = serve(name);
        let client = Arc::new(Stream::connect(Path::new(name)).ok().unwrap());
        let server = accept();
        let reading = client.clone();
        let reader = thread::spawn(move || {
            let mut heard = Vec::new();
            (&*reading).take(100_000).read_to_end(&mut heard).map(|_| heard.len())
        });
        thread::sleep(Duration::from_millis(100));
        let echo = thread::spawn(move || {
            let mut left = 100_000;
            let mut chunk = [0; 1000];
            while left > 0 {
                let read = (&server).read(&mut chunk).unwrap();
                server.write_all(&chunk[..read], None).unwrap();
                left -= read;
            }
            server
        });
        client.write_all(&[7; 100_000], None).unwrap();
        assert_eq!(reader.join().unwrap().unwrap(), 100_000);
        drop(echo.join().unwrap());
        assert_eq!((&*client).read(&mut [0; 10]).unwrap(), 0);
    }

    #[test]
    fn silence_ends_and_so_does_a_closed_stream() {
        let name = r"\\.\pipe\gangway-test-silent";
        let accept = serve(name);
        let client = Arc::new(Stream::connect(Path::new(name)).ok().unwrap());
        let _server = accept();
        let until = Instant::now() + Duration::from_millis(50);
        assert!(client.read_until(&mut [0; 10], until).is_err());
        let reading = client.clone();
        let reader = thread::spawn(move || (&*reading).read(&mut [0; 10]).is_err());
        thread::sleep(Duration::from_millis(100));
        client.close();
        assert!(reader.join().unwrap());
    }
}
