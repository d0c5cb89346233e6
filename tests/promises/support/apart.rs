//! A network of a test's own, where nothing but what it starts can be reached.

use std::process::{Command, Stdio};

use super::tool::Tool;

/// Set where a test runs in it.
const INSIDE: &str = "DNI_EDGE_TEST_APART";

/// Runs this test once more, in a network of its own, and says that it has: what fails there fails here. False where it is there
/// already, and where this system permits none: then ports of this machine do that nobody uses.
pub fn runs_apart(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() || !is_permitted() {
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let mut command = unshare();
    command.arg(&program).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    // What it says to people goes to them.
    let ran = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "apart from others, {}: {said}", ran.status);
    true
}

fn is_permitted() -> bool {
    let mut command = unshare();
    let tried = command.arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// A user of their own may have one, without rights outside of it.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--", "python3"]).arg(Tool::folder().join("loopback.py"));
    command
}
