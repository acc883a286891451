//! Whose folder the data lies below.

#[cfg(target_os = "linux")]
use super::user;
#[cfg(target_os = "linux")]
use std::ffi::OsStr;
#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::process::Command;

/// Like `os.homedir()`: HOME, else what the system knows of this user. An empty HOME says nothing.
pub fn home_folder() -> PathBuf {
    let named = std::env::var_os("HOME").filter(|home| !home.is_empty());
    named.map(PathBuf::from).or_else(known_home).unwrap_or_else(|| PathBuf::from("/"))
}

/// The C library's own search would load code of other libraries, which a program that is linked as a whole cannot do.
#[cfg(target_os = "linux")]
fn known_home() -> Option<PathBuf> {
    let entries = std::fs::read("/etc/passwd").unwrap_or_default();
    home_in(&entries, user()).or_else(|| {
        // A user of a directory service.
        let found = Command::new("getent").arg("passwd").arg(user().to_string()).output().ok()?;
        home_in(&found.stdout, user())
    })
}

/// name:password:uid:gid:comment:home:shell
#[cfg(target_os = "linux")]
fn home_in(entries: &[u8], uid: u32) -> Option<PathBuf> {
    let uid = uid.to_string();
    entries.split(|byte| *byte == b'\n').find_map(|entry| {
        let mut fields = entry.split(|byte| *byte == b':').skip(2);
        let is_user = fields.next()? == uid.as_bytes();
        let home = fields.nth(2).filter(|home| is_user && !home.is_empty())?;
        Some(PathBuf::from(OsStr::from_bytes(home)))
    })
}

#[cfg(not(target_os = "linux"))]
#[allow(deprecated)]
fn known_home() -> Option<PathBuf> {
    std::env::remove_var("HOME");
    std::env::home_dir()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_home_of_a_user_is_found_by_number() {
        let entries = b"root:x:0:0:root:/root:/bin/sh\nann:x:1000:1:A,,:/home/ann:/bin/sh\nbad\nbob:x:100:1000::/b:\nno:x:7:7:::";
        let table = [(0, Some("/root")), (1000, Some("/home/ann")), (100, Some("/b")), (7, None), (1, None)];
        for (uid, home) in table {
            assert_eq!(home_in(entries, uid).as_deref(), home.map(Path::new), "{uid}");
        }
    }
}
