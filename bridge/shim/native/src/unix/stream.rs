//! The owner's socket.

use super::is_ours;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Why there is no connection: no process; something that is not ours; a process with so many connections waiting that it
/// takes no more.
pub enum NoStream {
    Absent,
    Foreign,
    Busy,
}

/// A connection to the owner. Any thread may use it.
pub struct Stream(UnixStream);

impl Stream {
    pub fn connect(path: &Path) -> Result<Stream, NoStream> {
        match std::fs::symlink_metadata(path) {
            Err(_) => return Err(NoStream::Absent),
            Ok(found) if !found.file_type().is_socket() || !is_ours(found.uid()) => {
                return Err(NoStream::Foreign)
            }
            Ok(_) => {}
        }
        open(path).map(Stream).map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => NoStream::Foreign,
            io::ErrorKind::WouldBlock => NoStream::Busy,
            _ => NoStream::Absent,
        })
    }

    /// Reads what is there; at the end 0.
    pub fn read_until(&self, target: &mut [u8], until: Instant) -> io::Result<usize> {
        loop {
            self.0.set_read_timeout(Some(left(until)?))?;
            match (&self.0).read(target) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    pub fn write_until(&self, bytes: &[u8], until: Instant) -> io::Result<()> {
        self.0.set_write_timeout(Some(left(until)?))?;
        (&self.0).write_all(bytes)
    }

    /// From now on reading and writing may take any time.
    pub fn wait_without_end(&self) -> io::Result<()> {
        self.0.set_read_timeout(None)?;
        self.0.set_write_timeout(None)
    }

    /// Nothing more will be written; the owner may go on. Returns whether its end is worth waiting for.
    pub fn finish_writing(&self) -> bool {
        self.0.shutdown(Shutdown::Write).is_ok()
    }

    pub fn close(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Read for &Stream {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        (&self.0).read(target)
    }
}

impl Write for &Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0).write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left < Duration::from_millis(1) {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}

/// Other systems refuse at once when an owner takes no more connections.
#[cfg(not(target_os = "linux"))]
fn open(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path)
}

/// The standard library's `connect` waits for an owner that takes no more connections, for ever.
#[cfg(target_os = "linux")]
fn open(path: &Path) -> io::Result<UnixStream> {
    use std::os::raw::c_int;
    use std::os::unix::io::{AsRawFd, FromRawFd};

    extern "C" {
        fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int;
        fn connect(fd: c_int, address: *const Address, size: u32) -> c_int;
    }
    const AF_UNIX: u8 = 1;
    const STREAM_CLOEXEC_NONBLOCK: c_int = 0o2004001;
    const ADDRESS_BYTES: u32 = 110;
    /// sockaddr_un
    #[repr(C)]
    struct Address {
        family: u16,
        path: [u8; 108],
    }

    let mut address = Address { family: AF_UNIX.into(), path: [0; 108] };
    let bytes = super::path_bytes(path);
    // The last byte stays 0.
    let target = address.path[..107].get_mut(..bytes.len()).ok_or(io::ErrorKind::InvalidInput)?;
    target.copy_from_slice(&bytes);
    let stream = match unsafe { socket(AF_UNIX.into(), STREAM_CLOEXEC_NONBLOCK, 0) } {
        -1 => return Err(io::Error::last_os_error()),
        fd => unsafe { UnixStream::from_raw_fd(fd) },
    };
    if unsafe { connect(stream.as_raw_fd(), &address, ADDRESS_BYTES) } != 0 {
        return Err(io::Error::last_os_error());
    }
    stream.set_nonblocking(false)?;
    Ok(stream)
}
