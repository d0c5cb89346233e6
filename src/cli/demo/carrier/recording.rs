//! Recordings: what was said, as a tone that lasts as long.

use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::Mutex;

/// Samples a second, a byte each: as a telephone has them.
const RATE: u32 = 8_000;

/// Samples of one wave: 400 a second.
const WAVE: u32 = 20;

/// Seconds of each recording, by its id.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    lengths: Mutex<HashMap<String, u32>>,
}

impl Recordings {
    pub fn keep(&self, id: &str, seconds: u32) {
        self.lengths.lock().insert(id.to_owned(), seconds);
    }

    /// The recording as a WAV file; none where there is none.
    pub fn wav(&self, id: &str) -> Option<Bytes> {
        let seconds = *self.lengths.lock().get(id)?;
        Some(tone(seconds).into())
    }
}

/// PCM with one channel, each sample a byte around 128 (Microsoft, "Multimedia Programming Interface and Data Specifications 1.0",
/// "WAVE").
fn tone(seconds: u32) -> Vec<u8> {
    let samples = seconds.saturating_mul(RATE);
    let mut wav = Vec::with_capacity(samples as usize + 44);
    wav.extend(b"RIFF");
    wav.extend((samples + 36).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    wav.extend([1_u16, 1].map(u16::to_le_bytes).as_flattened());
    // Samples and bytes a second.
    wav.extend([RATE, RATE].map(u32::to_le_bytes).as_flattened());
    // Bytes of a sample of all channels, bits of one.
    wav.extend([1_u16, 8].map(u16::to_le_bytes).as_flattened());
    wav.extend(b"data");
    wav.extend(samples.to_le_bytes());
    let wave = |sample: u32| {
        let turn = f64::from(sample) / f64::from(WAVE) * std::f64::consts::TAU;
        (128.0 + 40.0 * turn.sin()).round() as u8
    };
    let wave: Vec<u8> = (0..WAVE).map(wave).collect();
    wav.extend(wave.iter().cycle().take(samples as usize));
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_lasts_as_long_as_was_spoken() {
        let recordings = Recordings::default();
        recordings.keep("RE1", 3);
        let wav = recordings.wav("RE1").unwrap();
        assert_eq!(wav.len(), 44 + 3 * 8_000);
        assert_eq!((&wav[..4], &wav[8..16], &wav[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
        assert_eq!(wav[4..8], (wav.len() as u32 - 8).to_le_bytes());
        assert!(wav[44..].iter().any(|sample| *sample > 160) && wav[44..].iter().any(|sample| *sample < 96));
        assert!(recordings.wav("RE2").is_none());
    }
}
