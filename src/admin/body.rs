//! The body of an answer: short and whole, or a part of a file that is read as it is sent.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncReadExt, Take};
use tokio_util::io::ReaderStream;

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

pub(super) enum Body {
    Whole(Option<Bytes>),
    File {
        /// Bytes that are to come still.
        left: u64,
        stream: ReaderStream<Take<tokio::fs::File>>,
    },
}

impl Body {
    pub fn empty() -> Self {
        Body::Whole(None)
    }

    /// So many bytes of a file, from this one on.
    ///
    /// # Errors
    /// Where the file can't be read there.
    pub fn of_file(mut file: File, from: u64, bytes: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(from))?;
        let part = tokio::fs::File::from_std(file).take(bytes);
        Ok(Body::File { left: bytes, stream: ReaderStream::with_capacity(part, PIECE) })
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Body::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Body::File { left, stream } => Pin::new(stream).poll_next(cx).map(|piece| match piece {
                Some(Ok(bytes)) => {
                    *left = left.saturating_sub(bytes.len() as u64);
                    Some(Ok(Frame::data(bytes)))
                }
                Some(Err(error)) => Some(Err(error)),
                // Somebody has cut the file off: whoever reads must not take a part for the whole.
                None if *left > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
                None => None,
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(bytes) => bytes.is_none(),
            Body::File { left, .. } => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Body::Whole(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Body::File { left, .. } => *left,
        })
    }
}
