//! `whyspan serve`: settings from a file, the environment and flags, then the server until it is told to stop.

use crate::commands::Failure;
use crate::exit::Exit;
use crate::screen;
use crate::serve_args::Serve;
use std::env;
use std::fs;
use tracing_subscriber::filter::LevelFilter;
use whyspan::serve::server::{Addresses, serve};
use whyspan::serve::settings::Settings;
use whyspan::serve::token::Scope;

/// The variables of the environment that may hold tokens.
const TOKENS: [(&str, Scope); 3] = [
    ("WHYSPAN_INGEST_TOKEN", Scope::Ingest),
    ("WHYSPAN_READ_TOKEN", Scope::Read),
    ("WHYSPAN_ADMIN_TOKEN", Scope::Admin),
];

pub(crate) fn run(asked: &Serve) -> Result<Exit, Failure> {
    let settings = settings(asked)?;
    settings.check()?;
    if asked.check {
        screen::say("the settings are fine");
        return Ok(Exit::Done);
    }
    let level: LevelFilter = asked.log.parse()?;
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false).init();
    serve(settings, |Addresses { grpc, http }| {
        screen::say(&format!("OTLP/gRPC is received at {grpc}"));
        screen::say(&format!("OTLP/HTTP is received, and questions are answered, at http://{http}"));
    })?;
    Ok(Exit::Done)
}

fn settings(asked: &Serve) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    if let Some(path) = &asked.config {
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| format!("{name}: the settings cannot be read: {error}. Check the path"))?;
        settings.set_from_toml(&text).map_err(|error| format!("{name}: {error}"))?;
    }
    for (name, value) in &asked.settings {
        settings.set(name, value).map_err(|error| format!("--{name}: {error}"))?;
    }
    for (variable, scope) in TOKENS {
        if let Ok(token) = env::var(variable) {
            settings.tokens.add(scope, &token);
        }
    }
    Ok(settings)
}
