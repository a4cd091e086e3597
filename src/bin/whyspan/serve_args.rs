//! The arguments of `whyspan serve`: a flag and a variable of the environment for each setting.

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use std::path::PathBuf;
use whyspan::serve::settings::SETTINGS;

const EXAMPLES: &str = "Examples:
  whyspan serve --store /var/lib/whyspan
  whyspan serve --config whyspan.toml --check
  WHYSPAN_INGEST_TOKEN=... WHYSPAN_READ_TOKEN=... whyspan serve --grpc 0.0.0.0:4317 --http 0.0.0.0:4318
  curl -s http://127.0.0.1:4318/api/v1/root-causes

Flags come before variables of the environment, and these before the file, in which names have _ in place of -. Tokens may also
be given as WHYSPAN_INGEST_TOKEN, WHYSPAN_READ_TOKEN and WHYSPAN_ADMIN_TOKEN. docs/serve.md has everything.";

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Serve {
    /// A file of settings.
    pub(crate) config: Option<PathBuf>,
    /// Only look whether the settings can be served with.
    pub(crate) check: bool,
    /// What is logged.
    pub(crate) log: String,
    /// The settings that were given one by one, with where they came from.
    pub(crate) settings: Vec<(&'static str, String)>,
}

impl FromArgMatches for Serve {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = |name: &'static str| Some((name, matches.get_one::<String>(name)?.clone()));
        let mut settings: Vec<(&'static str, String)> = SETTINGS.iter().filter_map(|&(name, _)| given(name)).collect();
        if matches.get_flag("insecure") {
            settings.push(("insecure", "true".to_owned()));
        }
        Ok(Self {
            config: matches.get_one::<PathBuf>("config").cloned(),
            check: matches.get_flag("check"),
            log: matches.get_one::<String>("log").cloned().unwrap_or_default(),
            settings,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Serve {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .env("WHYSPAN_CONFIG")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("A file of settings in TOML");
        let check = Arg::new("check")
            .long("check")
            .action(ArgAction::SetTrue)
            .help("Only look whether the settings can be served with: exit code 0, or 2 and what is wrong");
        let insecure = Arg::new("insecure")
            .long("insecure")
            .env("WHYSPAN_INSECURE")
            .action(ArgAction::SetTrue)
            .help("Let others than this machine send and ask without a token");
        let log = Arg::new("log")
            .long("log")
            .env("WHYSPAN_LOG")
            .value_name("LEVEL")
            .value_parser(["error", "warn", "info", "debug"])
            .default_value("info")
            .help("What is logged on standard error");
        let setting = |&(name, help): &(&'static str, &'static str)| {
            let variable = format!("WHYSPAN_{}", name.replace('-', "_").to_uppercase());
            Arg::new(name).long(name).env(variable).value_name("VALUE").help(help).hide_env_values(true)
        };
        command.args([config, check, insecure, log]).args(SETTINGS.iter().map(setting)).after_help(EXAMPLES)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
