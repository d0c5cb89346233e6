//! What a run's figures mean: each next to what it is measured against, and to its limit.
//!
//! Reads the medians that criterion has written in this run, and fails the run where one is beyond its limit, or is missing
//! from a run without a filter.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

/// A line of the summary.
pub struct Line {
    /// A benchmark, as `group/name`.
    pub of: &'static str,
    /// The benchmark that it is divided by; without one it is a time in nanoseconds.
    pub by: Option<&'static str>,
    pub limit: Option<f64>,
}

/// Ratios of benchmarks that took turns with their peer, one for each sample.
static IN_TURN: Mutex<BTreeMap<String, Vec<f64>>> = Mutex::new(BTreeMap::new());

/// Measures `subject` in turn with `peer`, and either comes first as often, so that both meet the machine in the same mood.
#[allow(dead_code, reason = "not every run compares in turn")]
pub fn bench_in_turn<A, B>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (name, of): (&str, &str),
    mut peer: impl FnMut() -> A,
    mut subject: impl FnMut() -> B,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|count| {
            let (mut peers, mut subjects) = (Duration::ZERO, Duration::ZERO);
            for turn in 0..count {
                // Who comes second finds the memory as the first one left it.
                if turn.is_multiple_of(2) {
                    peers += time(&mut peer);
                    subjects += time(&mut subject);
                } else {
                    subjects += time(&mut subject);
                    peers += time(&mut peer);
                }
            }
            let ratio = subjects.as_secs_f64() / peers.as_secs_f64();
            IN_TURN.lock().expect("one thread").entry(of.to_owned()).or_default().push(ratio);
            subjects
        });
    });
}

fn time<R>(work: &mut impl FnMut() -> R) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Runs the groups and prints the summary.
pub fn run(summary: &[Line], groups: impl FnOnce(&mut Criterion)) -> ExitCode {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("criterion");
    let began = SystemTime::now();
    let mut criterion = Criterion::default().output_directory(&home).configure_from_args();
    groups(&mut criterion);
    criterion.final_summary();
    let estimates = Estimates { home, began };
    let within: Vec<Option<bool>> = summary.iter().map(|line| line.print(&estimates)).collect();
    let missing = within.contains(&None) && measures_all();
    if missing {
        println!("some of the summary was not measured");
    }
    ExitCode::from(u8::from(missing || within.contains(&Some(false))))
}

/// Whether this run measures, and everything: `cargo bench` says `--bench`, and a filter is a word of its own.
fn measures_all() -> bool {
    let said: Vec<String> = std::env::args().skip(1).collect();
    said == ["--bench"]
}

impl Line {
    /// Whether the figure is within its limit; none where it was not measured.
    fn print(&self, estimates: &Estimates) -> Option<bool> {
        let of = estimates.median(self.of)?;
        let (name, figure) = match self.by {
            Some(by) => {
                let peer = by.rsplit('/').next().unwrap_or(by);
                let ratio = in_turn(self.of).map_or_else(|| Some(of / estimates.median(by)?), Some)?;
                (format!("{} / {peer}", self.of.replace('/', ": ")), ratio)
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

/// The median ratio of a benchmark that took turns with its peer.
fn in_turn(of: &str) -> Option<f64> {
    let mut ratios = IN_TURN.lock().expect("one thread").remove(of)?;
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
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
