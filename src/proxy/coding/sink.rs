//! A page as it leaves: packed part by part, each so that the visitor can read all of it at once.

use std::io;

use async_compression::Level;
use async_compression::brotli::EncoderParams;
use async_compression::codecs::flate::params::FlateEncoderParams;
use async_compression::codecs::{BrotliEncoder, EncodeV2, GzipEncoder, ZlibEncoder, ZstdEncoder};
use async_compression::core::util::{PartialBuffer, WriteBuffer};
use async_compression::zstd::CParameter;
use bytes::Bytes;

use super::Coding;
use crate::proxy::body::BodyError;

/// How hard pages are packed. Each is packed anew for its visitor while they wait for it, and flushed wherever the origin
/// pauses, so that what higher levels look for is hardly found; they take several times as long for a few per cent.
const GZIP_LEVEL: i32 = 4;
const BROTLI_QUALITY: i32 = 4;
const ZSTD_LEVEL: i32 = 3;

/// How far back a page may be referred to, as a power of two, in bytes. Pages are rarely longer, and the memory of a visit
/// grows with it: brotli's and zstd's own choices are 4 MB and 2 MB.
const WINDOW: u8 = 19;

/// Packed bytes that there is room for at once: more than the end of a flush takes, which deflate would begin anew.
const STEP: usize = if cfg!(test) { 16 } else { 16 * 1024 };

/// What a page leaves in.
pub(in crate::proxy) struct PageSink {
    /// None where the page leaves as it is.
    encoder: Option<Box<dyn EncodeV2 + Send>>,
}

impl PageSink {
    pub fn new(coding: Coding) -> Self {
        let flate = || FlateEncoderParams::from(Level::Precise(GZIP_LEVEL));
        let encoder: Option<Box<dyn EncodeV2 + Send>> = match coding {
            Coding::Identity => None,
            Coding::Gzip => Some(Box::new(GzipEncoder::new(flate()))),
            Coding::Deflate => Some(Box::new(ZlibEncoder::new(flate()))),
            Coding::Brotli => {
                let quality = EncoderParams::default().quality(Level::Precise(BROTLI_QUALITY));
                Some(Box::new(BrotliEncoder::new(quality.window_size(WINDOW.into()))))
            }
            Coding::Zstd => {
                let window = CParameter::window_log(WINDOW.into());
                Some(Box::new(ZstdEncoder::new_with_params(ZSTD_LEVEL, &[window])))
            }
        };
        PageSink { encoder }
    }

    /// Packs a part of the page so that the visitor can read all of it at once.
    pub fn encode(&mut self, part: Vec<u8>) -> Result<Bytes, BodyError> {
        let Some(encoder) = &mut self.encoder else { return Ok(part.into()) };
        let (mut packed, mut part) = (Vec::new(), PartialBuffer::new(&part[..]));
        while !part.unwritten().is_empty() {
            write(&mut packed, |out| encoder.encode(&mut part, out).map(|()| true))?;
        }
        write(&mut packed, |out| encoder.flush(out))?;
        Ok(packed.into())
    }

    /// What follows the last part.
    pub fn finish(&mut self) -> Result<Bytes, BodyError> {
        let Some(encoder) = &mut self.encoder else { return Ok(Bytes::new()) };
        let mut packed = Vec::new();
        write(&mut packed, |out| encoder.finish(out))?;
        Ok(packed.into())
    }
}

/// Has something written until it says that this was all.
fn write(
    packed: &mut Vec<u8>,
    mut step: impl FnMut(&mut WriteBuffer) -> io::Result<bool>,
) -> Result<(), BodyError> {
    loop {
        let len = packed.len();
        packed.resize(len + STEP, 0);
        let mut room = WriteBuffer::new_initialized(&mut packed[len..]);
        let is_done = step(&mut room).map_err(BodyError::Coding)?;
        let written = room.written_len();
        packed.truncate(len + written);
        if is_done {
            return Ok(());
        }
    }
}
