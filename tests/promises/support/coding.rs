//! Content codings, as websites pack their pages and browsers unpack them.

use async_compression::Level;
use async_compression::brotli::EncoderParams;
use async_compression::codecs::{
    BrotliDecoder, BrotliEncoder, DecodeV2, DeflateEncoder, EncodeV2, GzipDecoder, GzipEncoder, ZlibDecoder,
    ZlibEncoder, ZstdDecoder, ZstdEncoder,
};
use async_compression::core::util::{PartialBuffer, WriteBuffer};
use flate2::Compression;

/// The codings that browsers take.
pub const CODINGS: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

/// Packs a body part by part.
pub struct Packer {
    /// None where the body stays as it is.
    encoder: Option<Box<dyn EncodeV2>>,
}

impl Packer {
    /// Of a coding, or of `bare` deflate, which many websites send for deflate.
    pub fn of(coding: &str) -> Self {
        let encoder: Option<Box<dyn EncodeV2>> = match coding {
            "gzip" => Some(Box::new(GzipEncoder::new(Compression::fast().into()))),
            "deflate" => Some(Box::new(ZlibEncoder::new(Compression::fast().into()))),
            "bare" => Some(Box::new(DeflateEncoder::new(Compression::fast().into()))),
            "br" => {
                let quickly = EncoderParams::default().quality(Level::Precise(4));
                Some(Box::new(BrotliEncoder::new(quickly)))
            }
            "zstd" => Some(Box::new(ZstdEncoder::new(3))),
            "identity" => None,
            other => panic!("nobody packs in {other}"),
        };
        Packer { encoder }
    }

    /// A part, so that all of it can be read.
    pub fn part(&mut self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let Some(encoder) = &mut self.encoder else { return bytes.as_ref().to_vec() };
        let (mut packed, mut bytes) = (Vec::new(), PartialBuffer::new(bytes.as_ref()));
        while !bytes.unwritten().is_empty() {
            steps(&mut packed, |out| {
                encoder.encode(&mut bytes, out).unwrap();
                true
            });
        }
        steps(&mut packed, |out| encoder.flush(out).unwrap());
        packed
    }

    /// What comes behind the last part.
    pub fn end(&mut self) -> Vec<u8> {
        let mut packed = Vec::new();
        if let Some(encoder) = &mut self.encoder {
            steps(&mut packed, |out| encoder.finish(out).unwrap());
        }
        packed
    }
}

/// Unpacks a body as it comes.
pub struct Unpacker {
    decoder: Option<Box<dyn DecodeV2>>,
    read: Vec<u8>,
    is_whole: bool,
}

impl Unpacker {
    pub fn of(coding: &str) -> Self {
        let decoder: Option<Box<dyn DecodeV2>> = match coding {
            "gzip" => Some(Box::new(GzipDecoder::new())),
            "deflate" => Some(Box::new(ZlibDecoder::new())),
            "br" => Some(Box::new(BrotliDecoder::new())),
            "zstd" => Some(Box::new(ZstdDecoder::new())),
            "identity" => None,
            other => panic!("nobody asked for {other}"),
        };
        Unpacker { is_whole: decoder.is_none(), decoder, read: Vec::new() }
    }

    pub fn write(&mut self, packed: &[u8]) {
        let Some(decoder) = &mut self.decoder else { return self.read.extend(packed) };
        let mut packed = PartialBuffer::new(packed);
        while !packed.unwritten().is_empty() {
            if self.is_whole {
                // gzip may have several members, and zstd several frames.
                decoder.reinit().unwrap();
            }
            steps(&mut self.read, |out| {
                // With nothing left to read, who had no room may have had nothing more to write either.
                let starves = packed.unwritten().is_empty();
                match decoder.decode(&mut packed, out) {
                    Err(_) if starves => true,
                    outcome => {
                        self.is_whole = outcome.expect("the body is in its coding");
                        self.is_whole || !out.has_no_spare_space()
                    }
                }
            });
        }
    }

    /// What has come so far.
    pub fn read(&self) -> &[u8] {
        &self.read
    }
}

/// A whole body.
pub fn packed(coding: &str, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = Packer::of(coding);
    [packer.part(bytes), packer.end()].concat()
}

/// A whole body as it was before.
pub fn unpacked(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut unpacker = Unpacker::of(coding);
    unpacker.write(bytes);
    assert!(unpacker.is_whole, "the body ends too early");
    unpacker.read
}

/// Has something written until it says that this was all.
fn steps(written: &mut Vec<u8>, mut step: impl FnMut(&mut WriteBuffer) -> bool) {
    const ROOM: usize = 1 << 14;
    loop {
        let len = written.len();
        written.resize(len + ROOM, 0);
        let mut room = WriteBuffer::new_initialized(&mut written[len..]);
        let is_done = step(&mut room);
        let more = room.written_len();
        written.truncate(len + more);
        if is_done {
            return;
        }
    }
}
