//! Nobody takes more than is allowed of them: connections, bytes, requests. Who is turned away is told so, and counted.

mod bodies;
mod connections;
mod heads;
mod rates;

use crate::support::Config;

/// With this line in `[server.limits]`.
fn limit(config: Config, line: &str) -> Config {
    config.server(&format!("limits.{line}"))
}
