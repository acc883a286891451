//! Carries the lines of an MCP client on stdin and stdout to the owner of Gangway's data folder and back. README.md says
//! how; `bridge/shim/*.ts` is the same program for Node.

mod arguments;
mod connect;
mod frames;
mod handshake;
mod json;
mod last_words;
mod ledger;
mod limits;
mod lines;
mod link;
mod output;
mod paths;
mod sha256;
mod shim;
mod start_owner;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

use std::process::exit;

const USAGE: &str = "Usage: gangway-shim [--home DIR] [--client LABEL] [ADDRESS]\n";

fn main() {
    match arguments::read(std::env::args_os().skip(1)) {
        Some(arguments) => shim::run(arguments),
        None => {
            output::complain(USAGE);
            exit(2);
        }
    }
}
