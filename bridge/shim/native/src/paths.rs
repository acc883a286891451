//! Where the bridge keeps what a shim needs (`bridge/base/paths.ts`).

use crate::sha256::{hex, sha256};
use crate::system;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub struct Paths {
    pub home: PathBuf,
    pub settings: PathBuf,
    /// Unix socket, or a named pipe on Windows.
    pub socket: PathBuf,
    /// The words with which the owner that ran last is started.
    pub start_words: PathBuf,
    /// Shared key of the local handshake.
    pub handshake_key: PathBuf,
    pub logs: PathBuf,
}

/// The home is the explicit one, else `GANGWAY_HOME`, else a folder below the person's home directory, an empty one being
/// none; never an `XDG_*` variable, because AI clients start the shim without them.
pub fn paths_for(explicit_home: Option<OsString>) -> Paths {
    let named = explicit_home.or_else(|| std::env::var_os("GANGWAY_HOME"));
    let home = match named.filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => default_home(),
    };
    let home = system::absolute(&home);
    let run = home.join("run");
    Paths {
        settings: home.join("config").join("settings.json"),
        socket: socket_path(&run),
        start_words: run.join("start.json"),
        handshake_key: run.join("handshake.key"),
        logs: home.join("logs"),
        home,
    }
}

fn default_home() -> PathBuf {
    let person = system::home_folder();
    if cfg!(target_os = "macos") {
        person.join("Library").join("Application Support").join("Gangway")
    } else if cfg!(windows) {
        person.join("AppData").join("Local").join("Gangway")
    } else {
        person.join(".local").join("share").join("gangway")
    }
}

fn socket_name(run: &Path) -> String {
    hex(&sha256(&system::path_bytes(run)))[..16].to_owned()
}

#[cfg(windows)]
fn socket_path(run: &Path) -> PathBuf {
    PathBuf::from(format!(r"\\.\pipe\gangway-{}", socket_name(run)))
}

/// sockaddr_un holds 104 bytes on macOS, 108 on Linux, with the closing NUL.
#[cfg(unix)]
const LONGEST_SOCKET_PATH: usize = 103;

#[cfg(unix)]
fn socket_path(run: &Path) -> PathBuf {
    let direct = run.join("gangway.sock");
    if system::path_bytes(&direct).len() <= LONGEST_SOCKET_PATH {
        return direct;
    }
    system::temporary_folder()
        .join(format!("gangway-{}", system::user()))
        .join(format!("{}.sock", socket_name(run)))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_long_home_has_its_socket_in_the_temporary_folder() {
        let paths = paths_for(Some("/tmp/./gangway//x/../home/".into()));
        assert_eq!(paths.socket, Path::new("/tmp/gangway/home/run/gangway.sock"));
        assert_eq!(paths.start_words, Path::new("/tmp/gangway/home/run/start.json"));
        let long = format!("/{}", "x".repeat(85));
        assert_eq!(paths_for(Some(long.into())).socket.as_os_str().len(), 103);
        let longer = paths_for(Some(format!("/{}", "x".repeat(86)).into())).socket;
        let name = longer.file_name().unwrap().to_str().unwrap();
        // printf '/%86s/run' | tr ' ' x | sha256sum
        assert_eq!(name, "5985841f0b8eaf39.sock");
        assert_eq!(
            longer.parent().unwrap().file_name().unwrap().to_str().unwrap(),
            format!("gangway-{}", system::user())
        );
    }
}

#[cfg(all(test, windows))]
mod windows_tests {
    use super::*;

    #[test]
    fn the_pipe_is_named_after_the_folder() {
        let paths = paths_for(Some("C:/Users/x/./AppData/Local/Gangway/".into()));
        assert_eq!(paths.home, Path::new(r"C:\Users\x\AppData\Local\Gangway"));
        // printf %s 'C:\Users\x\AppData\Local\Gangway\run' | sha256sum
        assert_eq!(paths.socket, Path::new(r"\\.\pipe\gangway-a5ac7d14f48308f0"));
    }
}
