//! Unpacks a body, part by part, in steps that are bounded: a page that unpacks to a thousand times its size takes no more
//! memory than any other.
//!
//! gzip may consist of several members (RFC 1952 §2.2), and zstd of several frames (RFC 8878 §3); what follows the last one
//! is nobody's, as browsers have it. What isn't in its coding at all is found out where it begins, and passed on.

use std::io::{self, ErrorKind};

use async_compression::codecs::{
    BrotliDecoder, DecodeV2, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::core::util::{PartialBuffer, WriteBuffer};
use async_compression::zstd::DParameter;
use bytes::{Buf, Bytes, BytesMut};

use super::{Coding, Part};
use crate::proxy::body::BodyError;

/// Unpacked bytes that are taken at once.
const STEP: usize = if cfg!(test) { 5 } else { 64 * 1024 };

/// Any page may unpack to so many bytes, however short it came: that is soon done, and pages of one word over and over are
/// pages too.
pub(super) const FREELY: u64 = if cfg!(test) { 4096 } else { 10 << 20 };

/// So many bytes are kept of a body that nothing has been unpacked of, in case it is in no coding after all.
const TRIED: usize = 4096;

/// Visitors need not read zstd that looks further back, as a power of two, in bytes (RFC 9659 §3).
const ZSTD_WINDOW: u32 = 23;

/// What every gzip member starts with (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What every zstd frame starts with, and what one does that is to be skipped, but for its first four bits (RFC 8878 §3.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const ZSTD_SKIPPED: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];

/// A body on its way out of its coding.
pub(super) struct Decoder {
    coding: Coding,
    ratio: u32,
    stage: Stage,
    /// What has come and isn't unpacked yet.
    input: Bytes,
    /// What came before it, while nothing has been unpacked.
    tried: Option<BytesMut>,
    /// There was no room for all that was unpacked.
    is_full: bool,
    read: u64,
    unpacked: u64,
    room: Box<[u8]>,
}

enum Stage {
    /// Before a member or frame; the first one, or a further one.
    Between {
        first: bool,
    },
    Member(Box<dyn DecodeV2 + Send>),
    /// All that could be unpacked has been.
    Broken(io::Error),
    Raw,
    /// What comes now is no part of the page.
    Ended,
}

impl Decoder {
    pub fn new(coding: Coding, ratio: u32) -> Self {
        Decoder {
            coding,
            ratio,
            stage: Stage::Between { first: true },
            input: Bytes::new(),
            tried: Some(BytesMut::new()),
            is_full: false,
            read: 0,
            unpacked: 0,
            room: vec![0; STEP].into(),
        }
    }

    /// Takes what comes next of the body.
    pub fn feed(&mut self, bytes: Bytes) {
        self.input = match self.input.is_empty() {
            true => bytes,
            false => [&self.input[..], &bytes].concat().into(),
        };
    }

    /// The next bytes; none where more must come first.
    pub fn next(&mut self) -> Result<Option<Part>, BodyError> {
        loop {
            match &mut self.stage {
                Stage::Between { first } => match begin(self.coding, *first, &self.input) {
                    Begin::TooShort => return Ok(None),
                    Begin::Member(codec) => self.stage = Stage::Member(codec),
                    Begin::Other if *first => self.stage = Stage::Raw,
                    Begin::Other => self.stage = Stage::Ended,
                },
                Stage::Member(_) if self.input.is_empty() && !self.is_full => return Ok(None),
                Stage::Member(codec) => {
                    let mut input = PartialBuffer::new(&self.input[..]);
                    let mut output = WriteBuffer::new_initialized(&mut self.room);
                    let outcome = codec.decode(&mut input, &mut output);
                    let (read, written) = (input.written_len(), output.written_len());
                    self.took(outcome, read, written);
                    if self.unpacked > FREELY && self.unpacked / u64::from(self.ratio) > self.read {
                        return Err(BodyError::Unpacks(self.ratio));
                    }
                    if written > 0 && !matches!(self.stage, Stage::Raw) {
                        return Ok(Some(Part::Page(Bytes::copy_from_slice(&self.room[..written]))));
                    }
                }
                Stage::Raw => {
                    let bytes = std::mem::take(&mut self.input);
                    return Ok((!bytes.is_empty()).then_some(Part::Raw(bytes)));
                }
                Stage::Broken(error) => {
                    let error = std::mem::replace(error, ErrorKind::InvalidData.into());
                    return Err(BodyError::Coding(error));
                }
                Stage::Ended => return Ok(None),
            }
        }
    }

    /// Takes note of a step: of so much that was read, and so much that was unpacked.
    fn took(&mut self, outcome: io::Result<bool>, read: usize, written: usize) {
        // Who unpacks with nothing to read may call that an error; that there is no more, they don't say otherwise.
        let starves = self.input.is_empty() && outcome.is_err();
        let stands_still = read == 0 && written == 0 && !self.input.is_empty();
        self.is_full = written == self.room.len();
        let error = match outcome {
            Ok(true) => {
                self.stage = Stage::Between { first: false };
                None
            }
            Ok(false) if stands_still => Some(ErrorKind::InvalidData.into()),
            Err(error) if !starves => Some(error),
            _ => None,
        };
        if let Some(error) = error {
            // A text may be taken for brotli or deflate for a few bytes.
            let is_other = written == 0 || matches!(self.coding, Coding::Brotli | Coding::Deflate);
            match self.tried.take().filter(|_| is_other) {
                Some(tried) => {
                    self.input = [&tried[..], &self.input].concat().into();
                    self.stage = Stage::Raw;
                    return;
                }
                None => self.stage = Stage::Broken(error),
            }
        }
        let tried = self.tried.take().filter(|tried| written == 0 && tried.len() + read <= TRIED);
        self.tried = tried.map(|mut tried| {
            tried.extend_from_slice(&self.input[..read]);
            tried
        });
        self.input.advance(read);
        self.read += read as u64;
        self.unpacked += written as u64;
    }

    /// Whether nothing that comes now matters.
    pub fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }

    /// The body has ended, and all that could be unpacked has been.
    ///
    /// # Errors
    /// [`BodyError::Coding`] where it ended too early. A body of no bytes at all is a page of none.
    pub fn end(&self) -> Result<(), BodyError> {
        match self.stage {
            Stage::Between { first } if !first || self.input.is_empty() => Ok(()),
            Stage::Raw | Stage::Ended => Ok(()),
            Stage::Between { .. } | Stage::Member(_) | Stage::Broken(_) => {
                Err(BodyError::Coding(ErrorKind::UnexpectedEof.into()))
            }
        }
    }
}

/// What begins with some bytes.
enum Begin {
    /// More of them must come before that can be told.
    TooShort,
    Member(Box<dyn DecodeV2 + Send>),
    /// Nothing in this coding.
    Other,
}

fn begin(coding: Coding, first: bool, bytes: &[u8]) -> Begin {
    match (coding, bytes) {
        (_, []) => Begin::TooShort,
        (Coding::Gzip, _) => marked(begins(bytes, GZIP, 0xff), || Box::new(GzipDecoder::new())),
        (Coding::Zstd, _) => {
            let is_frame = begins(bytes, ZSTD, 0xff).or(begins(bytes, ZSTD_SKIPPED, 0xf0));
            marked(is_frame, || {
                Box::new(ZstdDecoder::new_with_params(&[DParameter::window_log_max(ZSTD_WINDOW)]))
            })
        }
        (Coding::Deflate, [_]) if first => Begin::TooShort,
        (Coding::Deflate, [method, flags, ..]) if first => match is_zlib(*method, *flags) {
            true => Begin::Member(Box::new(ZlibDecoder::new())),
            false => Begin::Member(Box::new(DeflateDecoder::new())),
        },
        // A window of up to a gigabyte, which is no part of the coding (RFC 7932 §9.1).
        (Coding::Brotli, [bits, ..]) if first && bits & 0x7f != 0x11 => {
            Begin::Member(Box::new(BrotliDecoder::new()))
        }
        _ => Begin::Other,
    }
}

/// A member where its mark stands; no word yet where that has only begun.
fn marked(mark: Option<bool>, codec: impl FnOnce() -> Box<dyn DecodeV2 + Send>) -> Begin {
    match mark {
        Some(true) => Begin::Member(codec()),
        Some(false) => Begin::TooShort,
        None => Begin::Other,
    }
}

/// Whether the bytes begin with this mark, all of it or as far as they go; none where they don't. `mask` is what counts of
/// its first byte.
fn begins<const N: usize>(bytes: &[u8], mark: [u8; N], mask: u8) -> Option<bool> {
    let differs = |(place, (byte, marked)): (usize, (&u8, &u8))| match place {
        0 => (byte ^ marked) & mask != 0,
        _ => byte != marked,
    };
    let is_other = bytes.iter().zip(&mark).enumerate().any(differs);
    (!is_other).then_some(bytes.len() >= N)
}

/// Whether deflate comes in the zlib format (RFC 1950 §2.2). Bare deflate never looks like that: it would begin with a stored
/// block, whose padding is zeros.
fn is_zlib(method: u8, flags: u8) -> bool {
    let is_deflate = method & 0x0f == 8 && method >> 4 <= 7;
    let needs_dictionary = flags & 0x20 != 0;
    is_deflate && !needs_dictionary && u16::from_be_bytes([method, flags]).is_multiple_of(31)
}

/// A whole body without its coding, `limit` bytes of it at most, and whether there was more. What isn't in its coding is itself.
///
/// # Errors
/// [`BodyError`] where the body ends too early or is damaged; but not where it is known to be `cut`.
pub(crate) fn unpacked(
    coding: Coding,
    body: Vec<u8>,
    limit: usize,
    cut: bool,
) -> Result<(Vec<u8>, bool), BodyError> {
    if coding == Coding::Identity {
        return Ok((body, cut));
    }
    let (mut decoder, mut page) = (Decoder::new(coding, u32::MAX), Vec::new());
    decoder.feed(body.into());
    while page.len() <= limit {
        match decoder.next() {
            Ok(Some(Part::Page(bytes) | Part::Raw(bytes))) => page.extend_from_slice(&bytes),
            Ok(None) => break,
            Err(_) if cut => break,
            Err(error) => return Err(error),
        }
    }
    let cut = cut || page.len() > limit;
    page.truncate(limit);
    if !cut {
        decoder.end()?;
    }
    Ok((page, cut))
}
