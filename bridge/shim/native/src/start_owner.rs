//! Starts the owner of a data folder, hidden and independent of this process, if the person's settings allow it.

use crate::json::{member, members, strings};
use crate::paths::Paths;
use crate::system;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Bytes of the file that says how the last owner is started.
const LONGEST_WORDS: u64 = 64 * 1024;

/// Owners that were asked to start. Who leaves one is no parent for long, so each is looked after until it ended.
#[derive(Default)]
pub struct StartedOwners {
    latest: Option<Child>,
    /// Those that were too slow, so that another one was asked.
    former: Vec<Child>,
}

impl StartedOwners {
    /// Asks for another one. Returns false when it is not allowed or not possible from here.
    pub fn start(&mut self, paths: &Paths) -> bool {
        match command_for(paths) {
            Some(mut command) => self.keep(command.spawn().ok()),
            None => return false,
        }
        true
    }

    fn keep(&mut self, child: Option<Child>) {
        self.former.extend(std::mem::replace(&mut self.latest, child));
    }

    /// The latest ended again; perhaps because another one was faster.
    pub fn has_ended(&mut self) -> bool {
        self.former.retain_mut(is_running);
        if !self.latest.as_mut().map_or(false, is_running) {
            self.latest = None;
        }
        self.latest.is_none()
    }
}

fn is_running(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(None))
}

/// None when it is not allowed or not possible from here.
fn command_for(paths: &Paths) -> Option<Command> {
    if !may_start(&paths.settings) {
        return None;
    }
    let words = words_of_last_owner(&paths.start_words).or_else(command_beside)?;
    let mut command = Command::new(&words[0]);
    let log = system::private_folder(&paths.logs)
        .and_then(|()| system::private_file(&paths.logs.join("start.log")));
    command
        .args(&words[1..])
        .arg("serve")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // Where an owner that fails before it has a log says why.
        .stderr(log.map_or_else(|_| Stdio::null(), Stdio::from))
        // The client's folder may be on a disk that somebody wants to unmount.
        .current_dir(system::home_folder())
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| is_passed_on(name)))
        .env("GANGWAY_HOME", &paths.home);
    system::detach(&mut command);
    Some(command)
}

/// Absent or unreadable settings leave the default, which is yes.
fn may_start(settings: &Path) -> bool {
    let bytes = std::fs::read(settings).unwrap_or_default();
    members(&String::from_utf8_lossy(&bytes))
        .map_or(true, |found| member(&found, "startOwner") != Some("false"))
}

/// What the owner that ran last wrote down: `{"program":[…]}`, in a file that nobody else can have written.
fn words_of_last_owner(path: &Path) -> Option<Vec<PathBuf>> {
    let file = system::open_own(path).filter(|file| !system::is_writable_by_others(file))?;
    let mut text = String::new();
    file.take(LONGEST_WORDS).read_to_string(&mut text).ok()?;
    let words: Vec<PathBuf> =
        strings(member(&members(&text)?, "program")?)?.into_iter().map(PathBuf::from).collect();
    let is_usable = !words.is_empty() && words.iter().all(|word| word.is_absolute() && word.exists());
    is_usable.then_some(words)
}

/// An installed copy has the command line in the folder of this program.
fn command_beside() -> Option<Vec<PathBuf>> {
    let name = format!("gangway{}", system::EXECUTABLE_ENDING);
    let command = std::env::current_exe().ok()?.with_file_name(name);
    command.is_file().then(|| vec![command])
}

/// Variables with which an AI app's environment could change how the owner runs or whom it trusts stay here.
fn is_passed_on(name: &OsString) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    let is_electron = name.starts_with("ELECTRON_") && name != "ELECTRON_RUN_AS_NODE";
    let is_other = ["NODE_", "LD_", "DYLD_", "NPM_"].iter().any(|start| name.starts_with(start));
    !(is_electron || is_other || name == "DEBUG")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn every_owner_that_was_started_is_looked_after_until_it_ended() {
        let mut owners = StartedOwners::default();
        let sleep = || Command::new("/bin/sleep").arg("100").spawn().ok();
        owners.keep(sleep());
        owners.keep(sleep());
        assert!(!owners.has_ended() && owners.former.len() == 1);
        owners.former[0].kill().unwrap();
        while !owners.former.is_empty() {
            assert!(!owners.has_ended());
        }
        owners.latest.as_mut().unwrap().kill().unwrap();
        while !owners.has_ended() {}
        owners.keep(None);
        assert!(owners.has_ended() && owners.former.is_empty());
    }

    #[test]
    fn the_environment_of_the_app_is_filtered() {
        let table = [
            ("PATH", true),
            ("HOME", true),
            ("DEBUGGER", true),
            ("ELECTRON_RUN_AS_NODE", true),
            ("GANGWAY_VAULT", true),
            ("NODE_OPTIONS", false),
            ("node_extra_ca_certs", false),
            ("DEBUG", false),
            ("ELECTRON_ENABLE_LOGGING", false),
            ("LD_PRELOAD", false),
            ("DYLD_INSERT_LIBRARIES", false),
            ("npm_config_prefix", false),
        ];
        for (name, passed) in table {
            assert_eq!(is_passed_on(&name.into()), passed, "{name}");
        }
    }
}
