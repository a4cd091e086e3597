//! The command line of whyspan: arguments in, a report and an exit code out. It holds no thought of its own.

mod args;
mod commands;
mod exit;
mod explain;
mod files;
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
use std::process::{self, ExitCode};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        // What is wrong with an argument is told with the argument, and with what a file holds that it names.
        Err(wrong) if wrong.use_stderr() => {
            screen::say(wrong.render().to_string().trim_end());
            return Exit::WrongUse.into();
        }
        Err(asked) => asked.exit(),
    };
    if cfg!(panic = "abort") {
        end_as_bug_before_abort();
    }
    // A panic is a bug by definition: it gets its own exit code, so that no pipeline takes it for a verdict.
    let ended = panic::catch_unwind(panic::AssertUnwindSafe(|| commands::run(cli)));
    let exit = match ended {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            screen::say(&format!("error: {error}"));
            Exit::WrongUse
        }
        Err(_) => said_to_be_bug(),
    };
    exit.into()
}

fn said_to_be_bug() -> Exit {
    screen::say("This is a bug in whyspan. Please report it with the command and, if you can, the input.");
    Exit::Bug
}

/// A build that does not unwind never comes back to `main` from a panic: what is said there, and the exit code, are given
/// before it aborts.
fn end_as_bug_before_abort() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |bug| {
        tell(bug);
        process::exit(said_to_be_bug() as i32);
    }));
}
