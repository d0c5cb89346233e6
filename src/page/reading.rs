//! The reading of one page: by comparison with what it was when it was last read, for as long as it is that; by the
//! compiler from then on.

use std::ops::Range;
use std::sync::Arc;

use super::Lines;
use super::compiler::Compiler;
use super::encoding::Declared;
use super::piece::Piece;
use super::remembered::{Remembered, Replay};

/// A page that takes more memory is not remembered, in bytes.
const HEAVIEST_REMEMBERED: usize = 2 << 20;

/// Reads one page into pieces, as it arrives.
pub struct Reading {
    lines: Arc<Lines>,
    declared: Declared,
    how: How,
    /// The page is not the remembered one.
    differed: bool,
    /// Bytes of the compiler's next pieces that are out already.
    given: usize,
}

enum How {
    Compile(Box<Compiler>, Option<Recorder>),
    Replay(Replay),
}

/// Collects what is needed to remember the page.
#[derive(Default)]
struct Recorder {
    pieces: Vec<Piece>,
    alerts: Vec<Range<usize>>,
    weight: usize,
}

/// What is known of a page once it has been read to its end.
pub enum Outcome {
    /// It is the remembered page.
    Same,
    /// It is to be remembered. With `differed`, it was remembered as another.
    Read { page: Remembered, differed: bool },
    /// It is too long or too odd to be remembered.
    Forget,
}

impl Reading {
    /// A reading of a page on which these lines' numbers are looked for. `declared` is what its header says of its charset,
    /// `remembered` what the page was, read with the same lines and charset.
    pub fn new(lines: Arc<Lines>, declared: Declared, remembered: Option<Arc<Remembered>>) -> Self {
        let how = match remembered {
            Some(remembered) => How::Replay(Replay::new(remembered)),
            None => compile(&lines, declared, 0),
        };
        Reading { lines, declared, how, differed: false, given: 0 }
    }

    /// Reads on. What has become certain is appended to `pieces`.
    pub fn write(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) {
        if let How::Replay(replay) = &mut self.how
            && replay.write(bytes, pieces).is_err()
        {
            self.catch_up(pieces);
        }
        self.compile(pieces, |compiler, pieces| compiler.write(bytes, pieces));
    }

    /// The page ends here: the rest of its pieces.
    pub fn end(&mut self, pieces: &mut Vec<Piece>) -> Outcome {
        if let How::Replay(replay) = &mut self.how {
            match replay.end(pieces) {
                Ok(()) => return Outcome::Same,
                Err(_) => self.catch_up(pieces),
            }
        }
        let gave_up = self.has_given_up();
        self.compile(pieces, Compiler::end);
        match &mut self.how {
            How::Compile(_, recorder) if !gave_up => match recorder.take() {
                Some(recorder) => {
                    let page = Remembered::new(recorder.pieces, recorder.alerts);
                    Outcome::Read { page, differed: self.differed }
                }
                None => Outcome::Forget,
            },
            _ => Outcome::Forget,
        }
    }

    /// From here on the page goes through as it is.
    pub fn give_up(&mut self, pieces: &mut Vec<Piece>) {
        if matches!(self.how, How::Replay(_)) {
            self.catch_up(pieces);
        }
        self.compile(pieces, Compiler::give_up);
    }

    /// Whether the page, from here on, goes through as it is.
    pub fn has_given_up(&self) -> bool {
        matches!(&self.how, How::Compile(compiler, _) if compiler.has_given_up())
    }

    /// The page is not the remembered one any more: the compiler reads from the start what has come, and goes on where the
    /// comparison stopped.
    fn catch_up(&mut self, pieces: &mut Vec<Piece>) {
        let How::Replay(replay) = &self.how else { return };
        let (so_far, given) = replay.so_far();
        (self.differed, self.given) = (true, given);
        self.how = compile(&self.lines, self.declared, given);
        self.compile(pieces, |compiler, pieces| compiler.write(&so_far, pieces));
    }

    /// Lets the compiler write, if it is its turn, and keeps what it wrote.
    fn compile(&mut self, pieces: &mut Vec<Piece>, write: impl FnOnce(&mut Compiler, &mut Vec<Piece>)) {
        let How::Compile(compiler, recorder) = &mut self.how else { return };
        let before = pieces.len();
        write(compiler, pieces);
        let alerts = compiler.take_alerts();
        if let Some(kept) = recorder {
            kept.keep(&pieces[before..], alerts);
            if kept.weight > HEAVIEST_REMEMBERED {
                *recorder = None;
            }
        }
        if self.given > 0 {
            let written = pieces.split_off(before);
            pieces.extend(written.into_iter().filter_map(|piece| self.not_given(piece)));
        }
    }

    /// What of a piece isn't out yet.
    fn not_given(&mut self, piece: Piece) -> Option<Piece> {
        if self.given == 0 {
            return Some(piece);
        }
        let len = piece.origin().len();
        let out = self.given.min(len);
        self.given -= out;
        match out {
            out if out == len => None,
            // Part of it went out as the origin's, and so must the rest: half a number is none.
            out => Some(Piece::Origin(piece.origin().slice(out..))),
        }
    }
}

impl Recorder {
    fn keep(&mut self, pieces: &[Piece], alerts: Vec<Range<usize>>) {
        self.weight += pieces.iter().map(Piece::weight).sum::<usize>() + size_of_val(&*alerts);
        self.pieces.extend_from_slice(pieces);
        self.alerts.extend(alerts);
    }
}

fn compile(lines: &Arc<Lines>, declared: Declared, out: usize) -> How {
    let compiler = Compiler::behind(Arc::clone(lines), declared, out);
    How::Compile(Box::new(compiler), Some(Recorder::default()))
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
