//! A page as it arrives: its bytes without their coding, whichever that is.

use bytes::Bytes;
use http_body_util::BodyExt;

use super::Coding;
use super::decoder::Decoder;
use crate::proxy::body::BodyError;
use crate::proxy::upstream::Answered;

/// A page's bytes as they come in, without their coding.
pub(in crate::proxy) struct PageSource {
    body: Answered,
    /// None where the page comes as it is.
    decoder: Option<Decoder>,
}

/// What comes next of a page.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::proxy) enum Part {
    Page(Bytes),
    /// Bytes that are not in the coding that their header names: they can only be passed on as they are.
    Raw(Bytes),
}

impl PageSource {
    /// `ratio` is how many times its size a page may unpack to, one at least.
    pub fn new(body: Answered, coding: Coding, ratio: u32) -> Self {
        let decoder = (coding != Coding::Identity).then(|| Decoder::new(coding, ratio));
        PageSource { body, decoder }
    }

    /// The next bytes; none at the end. An origin that stops in the middle is an error, never an end. Nothing is lost where
    /// this is given up before it ends.
    pub async fn next(&mut self) -> Option<Result<Part, BodyError>> {
        loop {
            match self.decoder.as_mut().map(Decoder::next) {
                Some(Ok(Some(part))) => return Some(Ok(part)),
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok(None)) | None => {}
            }
            if self.decoder.as_ref().is_some_and(Decoder::has_ended) {
                return None;
            }
            let bytes = match self.next_data().await {
                Some(Ok(bytes)) => bytes,
                Some(Err(error)) => return Some(Err(error)),
                None => return self.decoder.as_ref()?.end().err().map(Err),
            };
            match &mut self.decoder {
                Some(decoder) => decoder.feed(bytes),
                None => return Some(Ok(Part::Page(bytes))),
            }
        }
    }

    /// What the origin sends next. Trailers speak of other bytes than those that the visitor is sent: they stay here.
    async fn next_data(&mut self) -> Option<Result<Bytes, BodyError>> {
        loop {
            match self.body.frame().await? {
                Ok(frame) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Some(Ok(data)),
                    _ => continue,
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
