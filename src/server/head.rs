//! The head of a request as it comes in, counted byte by byte: nothing is kept of it, and hyper reads it all the same.
//!
//! The target is looked at before all of it, so that it is the target that is too long where both are.

use crate::proxy::Refusal;

/// What a connection in HTTP/2 begins with (RFC 9113 §3.4): as far as it is a request's line.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";

/// How many bytes there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Longest {
    pub target: usize,
    pub all: usize,
}

/// hyper takes no more headers in a request, and neither do we: its answer would be without a word.
const MOST_LINES: usize = 100;

#[derive(Debug, Default)]
pub(super) struct HeadScan {
    part: Part,
    target: usize,
    all: usize,
    /// Of the line that is being read, without its end.
    line: usize,
    lines: usize,
    /// As many bytes are those of HTTP/2's beginning.
    preface: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Method,
    Target,
    /// Behind the target.
    Lines,
    /// Behind the empty line: no head any more.
    Over,
}

impl HeadScan {
    /// Of a head that may have begun already: nothing is known of its target.
    pub fn in_the_middle() -> Self {
        HeadScan { part: Part::Lines, line: 1, ..HeadScan::default() }
    }

    /// # Errors
    /// The limit that is passed.
    pub fn read(&mut self, bytes: &[u8], longest: Longest) -> Result<(), Refusal> {
        for &byte in bytes {
            self.step(byte);
            if self.target > longest.target {
                return Err(Refusal::UriBytes);
            }
            if self.all > longest.all || self.lines > 1 + MOST_LINES {
                return Err(Refusal::HeaderBytes);
            }
            if self.part == Part::Over {
                break;
            }
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) {
        // Empty lines before a request are none of it (RFC 9112 §2.2).
        if self.all == 0 && matches!(byte, b'\r' | b'\n') && self.part == Part::Method {
            return;
        }
        if PREFACE.get(self.preface) == Some(&byte) && self.preface == self.all {
            self.preface += 1;
        }
        self.all += 1;
        match (byte, &self.part) {
            (b'\n', _) if self.line == 0 => self.part = Part::Over,
            (b'\n', _) => (self.part, self.line, self.lines) = (Part::Lines, 0, self.lines + 1),
            (b'\r', _) => {}
            _ => self.line += 1,
        }
        match (byte, &self.part) {
            (b' ', Part::Method) => self.part = Part::Target,
            (b' ', Part::Target) => self.part = Part::Lines,
            (_, Part::Target) => self.target += 1,
            _ => {}
        }
    }

    /// Whether it is no head, but the beginning of HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.preface == PREFACE.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Longest = Longest { target: 10, all: 40 };

    fn scan(bytes: &[u8], size: usize) -> Result<HeadScan, Refusal> {
        let mut scan = HeadScan::default();
        for piece in bytes.chunks(size) {
            scan.read(piece, LONGEST)?;
        }
        Ok(scan)
    }

    #[test]
    fn a_head_is_too_long_by_its_target_or_as_a_whole_however_it_arrives() {
        for size in [1, 2, 7, 1000] {
            let refused = |head: &[u8]| scan(head, size).err();
            assert_eq!(refused(b"GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n"), None);
            assert_eq!(refused(b"GET /1234567890 HTTP/1.1\r\n"), Some(Refusal::UriBytes));
            assert_eq!(
                refused(b"GET /12345678901234567890123456789012345678901234567890"),
                Some(Refusal::UriBytes)
            );
            assert_eq!(
                refused(b"GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                Some(Refusal::HeaderBytes)
            );
            assert_eq!(
                refused(b"GET / HTTP/1.1\nHost: a\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                None
            );
            assert_eq!(
                refused(b"\r\n\r\nGET / HTTP/1.1\r\n\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                None
            );
            assert_eq!(refused(&[b'G'; 41]), Some(Refusal::HeaderBytes));
        }
    }

    #[test]
    fn the_beginning_of_http_2_is_told_from_a_request() {
        for size in [1, 5, 100] {
            assert!(scan(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", size).unwrap().is_http2());
            assert!(!scan(b"PRI * HTTP/1.1\r\nHost: a\r\n\r\n", size).unwrap().is_http2());
            assert!(!scan(b"GET / HTTP/1.1\r\nPRI * HTTP/2.0\r\n", size).unwrap().is_http2());
        }
    }

    #[test]
    fn of_a_head_that_has_begun_only_the_length_is_counted() {
        let mut scan = HeadScan::in_the_middle();
        assert!(scan.read(b"aaaaaa aaaaaaaaaaaaaaaaaaaa a\r\n", LONGEST).is_ok());
        assert_eq!(scan.read(b"aaaaaaaaaaaaaaaaaaaaaa", LONGEST), Err(Refusal::HeaderBytes));
    }
}
