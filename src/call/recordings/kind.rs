//! What a recording is: sound, in a form that a browser plays, by what its carrier or its file's name says.

use http::HeaderMap;
use http::header;

use super::refused::Failed;

/// A form of sound, by the extension of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::call) struct Kind(&'static str, &'static str);

/// Sound that nobody says more of.
const OTHER: Kind = Kind("bin", "application/octet-stream");

/// The first of a content type is how it is told, and of an extension how files are named.
const KINDS: [Kind; 12] = [
    Kind("mp3", "audio/mpeg"),
    Kind("mp3", "audio/mp3"),
    Kind("wav", "audio/wav"),
    Kind("wav", "audio/x-wav"),
    Kind("wav", "audio/wave"),
    Kind("wav", "audio/vnd.wave"),
    Kind("ogg", "audio/ogg"),
    Kind("m4a", "audio/mp4"),
    Kind("m4a", "audio/x-m4a"),
    Kind("flac", "audio/flac"),
    Kind("webm", "audio/webm"),
    Kind("gsm", "audio/x-gsm"),
];

impl Kind {
    /// By an answer's content type; where that says nothing, by the extension of what was asked for.
    ///
    /// # Errors
    /// [`Failed::NoRecording`] where it is none, such as a page that tells of an error, or is coded.
    pub fn of(headers: &HeaderMap, extension: Option<&str>) -> Result<Self, Failed> {
        let told = |name| {
            headers.get(name).map(|told| String::from_utf8_lossy(told.as_bytes()).to_ascii_lowercase())
        };
        if let Some(coding) = told(header::CONTENT_ENCODING).filter(|coding| coding != "identity") {
            return Err(Failed::NoRecording(coding));
        }
        let full = told(header::CONTENT_TYPE).unwrap_or_default();
        let bare = full.split(';').next().unwrap_or_default().trim();
        match KINDS.iter().find(|kind| kind.1 == bare) {
            Some(kind) => Ok(*kind),
            None if matches!(bare, "" | "application/octet-stream" | "binary/octet-stream")
                || bare.starts_with("audio/") =>
            {
                Ok(Kind::of_extension(extension.unwrap_or_default()))
            }
            None => Err(Failed::NoRecording(full)),
        }
    }

    /// By a file's name.
    pub fn of_name(name: &str) -> Self {
        Kind::of_extension(name.rsplit_once('.').map_or("", |(_, extension)| extension))
    }

    fn of_extension(extension: &str) -> Self {
        let of_it = KINDS.iter().find(|kind| kind.0.eq_ignore_ascii_case(extension));
        of_it.copied().unwrap_or(OTHER)
    }

    pub fn extension(self) -> &'static str {
        self.0
    }

    pub fn content_type(self) -> &'static str {
        self.1
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(content_type: &str, extension: Option<&str>) -> Option<&'static str> {
        let headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap())]);
        Kind::of(&headers, extension).ok().map(Kind::extension)
    }

    #[test]
    fn a_recordings_kind_is_what_its_carrier_says_or_else_its_extension() {
        assert_eq!(of("audio/mpeg", Some("wav")), Some("mp3"));
        assert_eq!(of("Audio/X-WAV; codec=1", None), Some("wav"));
        assert_eq!(of("binary/octet-stream", Some("WAV")), Some("wav"));
        assert_eq!(of("application/octet-stream", None), Some("bin"));
        assert_eq!(of("audio/unheard-of", Some("exe")), Some("bin"));
        for page in ["text/html", "application/json", "image/png"] {
            assert_eq!(of(page, Some("mp3")), None, "{page}");
        }
        assert_eq!(Kind::of_name("RE0.wav").content_type(), "audio/wav");
        assert_eq!(Kind::of_name("RE0").content_type(), "application/octet-stream");
    }
}
