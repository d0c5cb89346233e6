//! The commands: what each takes, and where it goes.

mod attribute;
mod backup;
mod beside;
mod call_log;
mod calls;
mod check;
pub mod classify;
mod demo;
mod erase;
mod explain;
mod explanation;
mod log;
mod number;
mod period;
mod plan;
mod pools;
mod reload;
mod report;
mod rewrite;
mod running;
mod serve;
mod table;
mod watched;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

use crate::Timestamp;
use crate::config::{Config, Severity, Site};
use crate::visit::SessionHash;

/// Dynamic number insertion at the edge: a reverse proxy that shows each visitor a tracking number, and search engines
/// the business's own.
#[derive(Debug, Parser)]
#[command(name = "dni-edge", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the configured sites
    Serve(Serve),
    /// Say what is wrong with a configuration
    Check(Check),
    /// Try it out: a sample website with the proxy before it, and a simulated carrier
    Demo(Demo),
    /// Fill the page on standard input
    Rewrite(Rewrite),
    /// Tell what a visit would be shown, and why
    Explain(Explain),
    /// Tell who made each request on standard input, and where from: JSON Lines in, JSON Lines out
    Classify(Classify),
    /// Tell how the numbers of each pool stand
    Pools(Pools),
    /// Tell who called a number: those who were shown it, each with a probability
    Attribute(Attribute),
    /// List calls, follow them as they come, and write something to one
    Calls(Box<calls::Calls>),
    /// Tell what made the phone ring: calls by source, campaign, day and more
    Report(report::Report),
    /// Copy the ledger to a file, also while it is in use
    Backup(Backup),
    /// Remove what is kept of a session
    Erase(Erase),
    /// Tell how many numbers a pool needs, and what those there are achieve
    Plan(Plan),
}

#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file
    #[arg(long, value_name = "FILE", required_unless_present = "schema")]
    pub config: Option<PathBuf>,
    /// Pages of the configured sites, to be looked at as their origin sends them
    #[arg(value_name = "URL")]
    pub urls: Vec<String>,
    /// One JSON object a finding, and one a page
    #[arg(long)]
    pub json: bool,
    /// Print the JSON Schema of the configuration file
    #[arg(long)]
    pub schema: bool,
}

/// Where the demo's proxy listens, unless it is told otherwise.
const PORT: u16 = 8080;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Demo {
    /// Where the proxy listens, on loopback; 0: any free port
    #[arg(long, default_value_t = PORT)]
    pub port: u16,
    /// Where operators ask, on loopback; 0: any free port. By default 9900, if nobody else has it
    #[arg(long)]
    pub admin_port: Option<u16>,
    #[command(subcommand)]
    pub command: Option<DemoCommand>,
}

#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Call a number that the demo's website shows: a simulated carrier rings
    Call(demo::Call),
}

#[derive(Debug, Args)]
pub struct Rewrite {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The site whose lines are looked for
    #[arg(long, value_name = "NAME")]
    pub site: String,
    /// Show this number for a line; without any, the page comes out as it went in
    #[arg(long, value_name = "LINE=NUMBER")]
    pub show: Vec<String>,
    /// The page's Content-Type, for its charset
    #[arg(long, value_name = "CT", default_value = "text/html")]
    pub content_type: String,
    /// Feed the page in pieces of this size
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    pub chunk: Option<u32>,
    /// Say on standard error what becomes of each number on the page, and why: a JSON object a line
    #[arg(long)]
    pub explain: bool,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The page that is visited, as in the browser's address bar
    #[arg(value_name = "URL")]
    pub url: String,
    /// The page that the visitor comes from
    #[arg(long, value_name = "R")]
    pub referrer: Option<String>,
    /// The visitor's User-Agent; a current desktop browser's by default
    #[arg(long, value_name = "UA")]
    pub user_agent: Option<String>,
    /// A further request header
    #[arg(long, value_name = "N: V")]
    pub header: Vec<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Classify {
    /// The configuration file, for the sites' own hosts and parameters
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Pools {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// One JSON object a pool
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Attribute {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The number that was called: in E.164, or as its site's country writes it
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// Whose telephone called, written likewise: earlier calls of it tell who that is
    #[arg(long, value_name = "CALLER")]
    pub from: Option<String>,
    /// When it was called: RFC 3339, in UTC unless it carries an offset; now by default
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Timestamp>,
    /// The site by whose country the number is read
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Where the copy is to be; nothing may be there yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Erase {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The session, by its hash: 32 hexadecimal digits
    #[arg(long, value_name = "ID", required_unless_present = "caller", conflicts_with = "caller")]
    pub session: Option<SessionHash>,
    /// A caller, by their number: all of their calls, with what was recorded and said
    #[arg(long, value_name = "NUMBER")]
    pub caller: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Plan {
    /// The configuration file: a plan for each of its pools, from what its ledger tells of the last four weeks. Options have the last word
    #[arg(long, value_name = "FILE", required_unless_present = "sessions_per_day")]
    pub config: Option<PathBuf>,
    /// Only pools of this site
    #[arg(long, value_name = "NAME", requires = "config")]
    pub site: Option<String>,
    /// Only the pool of this name
    #[arg(long, value_name = "NAME", requires = "config")]
    pub pool: Option<String>,
    /// Sessions a day that are shown a number
    #[arg(long, value_name = "N", value_parser = sessions)]
    pub sessions_per_day: Option<f64>,
    /// From a session's first page view to its last, in the mean; 2.5 where nothing tells
    #[arg(long, value_name = "M", value_parser = minutes)]
    pub minutes: Option<f64>,
    /// When people call; base where nothing tells
    #[arg(long, value_name = "WHEN")]
    pub calls_after: Option<CallsAfter>,
    /// Sources that sessions come from: each pair of source and medium; 8 where nothing tells
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub sources: Option<u32>,
    /// Numbers there are: tell what they achieve. A configuration's pool has its own
    #[arg(long, value_name = "HAVE", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub numbers: Option<u32>,
    /// One JSON object, or one a pool
    #[arg(long)]
    pub json: bool,
    /// Draw accuracy over numbers
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CallsAfter {
    /// Nearly all from the page: a telephone in the hand
    Mobile,
    /// Most from the page, one in twenty days later
    Base,
    /// One in eight days later: a purchase that is slept on
    Considered,
}

fn time(written: &str) -> Result<Timestamp, String> {
    Timestamp::parse(written).ok_or_else(|| "write a time such as 2026-11-28T16:02:00Z".to_owned())
}

fn sessions(written: &str) -> Result<f64, String> {
    between(written, 1.0, 1_000_000.0)
}

fn minutes(written: &str) -> Result<f64, String> {
    between(written, 0.0, 1440.0)
}

fn between(written: &str, least: f64, most: f64) -> Result<f64, String> {
    let number = written.parse::<f64>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("write a number from {least} to {most}"))
}

/// What stops a command, for the person who gave it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("{0} can't be read: {1}")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// What is wrong has been said.
    #[error("{0} is not a configuration that can be used")]
    Configuration(PathBuf),
    #[error("{0}")]
    Other(String),
    #[error(transparent)]
    Because(#[from] Box<dyn std::error::Error + Send + Sync>),
}

impl Stop {
    pub fn because(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Stop::Because(Box::new(error))
    }
}

/// Runs a command. Exit status: 0 done; 1 failed, or `check` found an error. (2, wrong usage, is clap's.)
pub fn run(arguments: Arguments) -> ExitCode {
    let outcome = match arguments.command {
        Command::Serve(serve) => serve::run(&serve),
        Command::Check(check) => check::run(&check),
        Command::Demo(demo) => demo::run(&demo),
        Command::Rewrite(rewrite) => rewrite::run(&rewrite),
        Command::Explain(explain) => explain::run(&explain),
        Command::Classify(classify) => classify::run(&classify),
        Command::Pools(pools) => pools::run(&pools),
        Command::Attribute(attribute) => attribute::run(&attribute),
        Command::Calls(calls) => calls::run(&calls),
        Command::Report(report) => report::run(&report),
        Command::Backup(backup) => backup::run(&backup),
        Command::Erase(erase) => erase::run(&erase),
        Command::Plan(plan) => plan::run(&plan),
    };
    match outcome {
        Ok(code) => code,
        Err(stop) => {
            eprintln!("dni-edge: {stop}");
            ExitCode::FAILURE
        }
    }
}

/// The host of a URL as the configuration writes hosts.
pub(crate) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// The site that is called so.
fn known_site<'c>(config: &'c Config, name: &str) -> Result<&'c Site, Stop> {
    let names = || config.sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", ");
    let known = config.site_named(name).map(std::ops::Deref::deref);
    known.ok_or_else(|| Stop::Other(format!("no site is called {name:?}; there is {}", names())))
}

/// Reads a configuration, and says on standard error what is wrong with it.
pub(crate) fn configuration(path: &Path) -> Result<Config, Stop> {
    let checked = Config::read(path).map_err(|error| Stop::Unreadable(path.to_owned(), error))?;
    for finding in &checked.findings {
        eprintln!("{finding}");
    }
    debug_assert!(checked.config.is_some() || checked.findings.iter().any(|f| f.severity == Severity::Error));
    checked.config.ok_or_else(|| Stop::Configuration(path.to_owned()))
}
