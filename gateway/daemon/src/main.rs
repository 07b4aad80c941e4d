//! The gateway of a commune station: carries the hub's messages to the core and its wants to the devices.

mod air;
mod cabinet;
mod cli;
mod clips;
mod clock;
mod config;
mod ears;
mod health;
mod hub;
mod intake;
mod lexicon;
mod lines;
mod logging;
mod network;
mod outlook;
mod outputs;
mod preview;
mod run;
mod settings;
mod shelf;
mod speech;
mod stamp;
mod start;
mod store;
mod studio;
mod sys;
#[cfg(test)]
mod testing;
mod trial;
mod walls;
mod web;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    sys::give_memory_back();
    cli::main()
}
