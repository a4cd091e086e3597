//! The command line of whyspan: arguments in, a report and an exit code out. It holds no thought of its own.

mod args;
mod commands;
mod exit;
mod explain;
mod gate;
mod gate_args;
mod reports;
mod screen;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "serve")]
mod serve_args;

use clap::Parser;
use exit::Exit;
use std::panic;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    // A panic is a bug by definition: it gets its own exit code, so that no pipeline takes it for a verdict.
    let ended = panic::catch_unwind(panic::AssertUnwindSafe(|| commands::run(cli)));
    let exit = match ended {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            screen::say(&format!("error: {error}"));
            Exit::WrongUse
        }
        Err(_) => {
            screen::say("This is a bug in whyspan. Please report it with the command and, if you can, the input.");
            Exit::Bug
        }
    };
    exit.into()
}
