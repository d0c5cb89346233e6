//! How many of a list's User-Agents are told to be machines: by the verdict of this project, and by two others, on the same lists.
//!
//! Each argument is a file with one User-Agent a line, of machines or of people; the higher the share, the better or the worse.

use std::process::ExitCode;

use dni_edge::visit::Visitor;
use http::{HeaderMap, HeaderValue, header};
use woothee::parser::Parser;

/// Machines to each of the verdicts, of so many.
struct Score {
    of: usize,
    ours: usize,
    isbot: usize,
    woothee: usize,
}

impl Score {
    fn of(user_agents: &[&str]) -> Self {
        let (isbot, woothee) = (isbot::Bots::default(), Parser::new());
        let count = |is_machine: &dyn Fn(&str) -> bool| {
            user_agents.iter().filter(|user_agent| is_machine(user_agent)).count()
        };
        Score {
            of: user_agents.len(),
            ours: count(&is_machine),
            isbot: count(&|user_agent| isbot.is_bot(user_agent)),
            woothee: count(&|user_agent| {
                woothee.parse(user_agent).is_some_and(|result| result.category == "crawler")
            }),
        }
    }

    fn percent(&self, machines: usize) -> f64 {
        100.0 * machines as f64 / self.of as f64
    }
}

fn main() -> ExitCode {
    println!("{:<40} {:>7} {:>8} {:>8} {:>8}", "list", "of", "ours", "isbot", "woothee");
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("{path:?} can't be read as text");
            return ExitCode::FAILURE;
        };
        let score = Score::of(&text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>());
        let [ours, isbot, woothee] =
            [score.ours, score.isbot, score.woothee].map(|count| score.percent(count));
        println!("{path:<40} {:>7} {ours:>7.2}% {isbot:>7.2}% {woothee:>7.2}%", score.of);
    }
    ExitCode::SUCCESS
}

fn is_machine(user_agent: &str) -> bool {
    let mut headers = HeaderMap::new();
    let Ok(value) = HeaderValue::from_bytes(user_agent.as_bytes()) else { return true };
    headers.insert(header::USER_AGENT, value);
    !Visitor::of(&headers, None).is_person()
}
