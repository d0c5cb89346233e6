//! The program's own log, on standard error: a line for each thing that it has to say.
//!
//! What others send may stand in it, as far as errors quote it: none of that ends a line, or speaks to a terminal.

use std::fmt::{self, Debug, Write};
use std::io::IsTerminal;

use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{FormatFields, Writer, debug_fn};

/// Begins it. `RUST_LOG` has the last word on the level.
pub(super) fn begin(level: &str) {
    // Logs of what we are made with would name visitors: what a statement, or a frame of HTTP/2, is sent with. What is to be
    // said of TLS, and of certificates that are ordered, we say ourselves.
    let usual =
        || EnvFilter::new(format!("{level},tokio_postgres=warn,h2=warn,rustls=error,rustls_acme=warn"));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| usual());
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .fmt_fields(fields())
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        // It would say on standard error that it can't write there, and end the thread that had something to say.
        .log_internal_errors(false)
        .init();
}

/// What is said, and behind it names and values.
fn fields() -> impl for<'writer> FormatFields<'writer> + Send + Sync + 'static {
    let field = |out: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
        if field.name() != "message" {
            write!(out, "{}=", field.name())?;
        }
        write!(Escaped(out), "{value:?}")
    };
    debug_fn(field).delimited(" ")
}

/// Writes control characters as Rust does.
struct Escaped<W>(W);

impl<W: Write> Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            match part.chars().next_back().filter(|last| last.is_control()) {
                Some(last) => {
                    self.0.write_str(&part[..part.len() - last.len_utf8()])?;
                    write!(self.0, "{}", last.escape_default())?;
                }
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_others_send_stays_on_its_line() {
        let said = Said::default();
        let to = said.clone();
        let log = tracing_subscriber::fmt()
            .fmt_fields(fields())
            .with_ansi(false)
            .with_writer(move || to.clone())
            .finish();
        let sent = "two\nlines\r and \u{1b}[2J\u{85}";
        tracing::subscriber::with_default(log, || {
            tracing::warn!(from = %sent, count = 2, text = "a b", "no number: {sent}");
        });
        let said = String::from_utf8(said.0.lock().clone()).unwrap();
        let escaped = r"two\nlines\r and \u{1b}[2J\u{85}";
        let expected = format!("no number: {escaped} from={escaped} count=2 text=\"a b\"\n");
        assert!(said.ends_with(&expected), "{said:?}");
        assert_eq!(said.lines().count(), 1);
    }
}
