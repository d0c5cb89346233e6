//! What a run's figures mean: each next to what it is measured against, and to its limit.
//!
//! Reads the medians that criterion has written in this run, and fails the run where one is beyond its limit. What was not
//! measured, because of a filter or in test mode, is passed over.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use criterion::Criterion;

/// A line of the summary.
pub struct Line {
    /// A benchmark, as `group/name`.
    pub of: &'static str,
    /// The benchmark that it is divided by; without one it is a time in nanoseconds.
    pub by: Option<&'static str>,
    pub limit: Option<f64>,
}

/// Runs the groups and prints the summary.
pub fn run(summary: &[Line], groups: impl FnOnce(&mut Criterion)) -> ExitCode {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("criterion");
    let began = SystemTime::now();
    let mut criterion = Criterion::default().output_directory(&home).configure_from_args();
    groups(&mut criterion);
    criterion.final_summary();
    let estimates = Estimates { home, began };
    let within: Vec<bool> = summary.iter().filter_map(|line| line.print(&estimates)).collect();
    ExitCode::from(u8::from(within.contains(&false)))
}

impl Line {
    /// Whether the figure is within its limit; none where it was not measured.
    fn print(&self, estimates: &Estimates) -> Option<bool> {
        let of = estimates.median(self.of)?;
        let (name, figure) = match self.by {
            Some(by) => {
                let peer = by.rsplit('/').next().unwrap_or(by);
                (format!("{} / {peer}", self.of.replace('/', ": ")), of / estimates.median(by)?)
            }
            None => (self.of.replace('/', ": "), of),
        };
        let show = |figure: f64| match self.by {
            Some(_) => format!("{figure:.2}"),
            None => format!("{figure:.0} ns"),
        };
        let within = self.limit.is_none_or(|limit| figure <= limit);
        let limit = self.limit.map(|limit| format!("  limit {}", show(limit))).unwrap_or_default();
        let verdict = if within { "" } else { ", exceeded" };
        println!("{name:<76} {:>9}{limit}{verdict}", show(figure));
        Some(within)
    }
}

/// What criterion has written.
struct Estimates {
    home: PathBuf,
    /// Anything older is of another run.
    began: SystemTime,
}

impl Estimates {
    /// Nanoseconds of one iteration.
    fn median(&self, benchmark: &str) -> Option<f64> {
        let path = self.home.join(benchmark).join("new/estimates.json");
        let written = path.metadata().ok()?.modified().ok()?;
        let estimates = std::fs::read(path).ok().filter(|_| written >= self.began)?;
        let estimates: serde_json::Value = serde_json::from_slice(&estimates).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    }
}
