#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    dni_edge::cli::run(dni_edge::cli::Arguments::parse())
}
