//! Codings whole, one byte at a time and at random splits; and bytes that are in none.

use async_compression::codecs::{
    BrotliDecoder, DecodeV2, DeflateEncoder, EncodeV2, GzipDecoder, ZlibDecoder, ZstdDecoder, ZstdEncoder,
};
use async_compression::core::util::{PartialBuffer, WriteBuffer};
use async_compression::zstd::CParameter;
use http::HeaderValue;
use proptest::prelude::*;

use super::decoder::{Decoder, FREELY};
use super::*;
use crate::proxy::body::BodyError;

const PAGE: &[u8] =
    b"<!DOCTYPE html><p>Call <a href=\"tel:+12125550100\">(212) 555-0100</a>, or 212-555-0100</p>\n";

/// A page in a coding, packed by our own sink in parts of this size.
fn packed(coding: Coding, page: &[u8], size: usize) -> Vec<u8> {
    let mut sink = PageSink::new(coding);
    let mut all = Vec::new();
    for part in page.chunks(size.max(1)) {
        all.extend(sink.encode(part.to_vec()).unwrap());
    }
    all.extend(sink.finish().unwrap());
    all
}

/// What a library packs by itself.
fn encoded(mut encoder: impl EncodeV2, page: &[u8]) -> Vec<u8> {
    let mut room = vec![0; page.len() * 2 + 1024];
    let mut out = WriteBuffer::new_initialized(&mut room);
    encoder.encode(&mut PartialBuffer::new(page), &mut out).unwrap();
    assert!(encoder.finish(&mut out).unwrap());
    out.written().to_vec()
}

fn bare_deflate(page: &[u8]) -> Vec<u8> {
    encoded(DeflateEncoder::new(flate2::Compression::default().into()), page)
}

/// What has come out of a decoder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Came {
    page: Vec<u8>,
    raw: Vec<u8>,
    whole: bool,
}

/// Unpacks a body that comes in these parts.
fn unpack<'a>(coding: Coding, ratio: u32, parts: impl IntoIterator<Item = &'a [u8]>) -> Came {
    let (mut decoder, mut came) = (Decoder::new(coding, ratio), Came::default());
    for part in parts {
        decoder.feed(part.to_vec().into());
        loop {
            match decoder.next() {
                Ok(Some(Part::Page(bytes))) => came.page.extend(bytes),
                Ok(Some(Part::Raw(bytes))) => came.raw.extend(bytes),
                Ok(None) => break,
                Err(_) => return came,
            }
        }
    }
    came.whole = decoder.end().is_ok();
    came
}

fn whole(page: &[u8]) -> Came {
    Came { page: page.to_vec(), raw: Vec::new(), whole: true }
}

fn raw(body: &[u8]) -> Came {
    Came { page: Vec::new(), raw: body.to_vec(), whole: true }
}

/// Every way in which a page may be packed that is read here.
fn ways(page: &[u8]) -> Vec<(Coding, Vec<u8>)> {
    let (front, back) = page.split_at(page.len() / 2);
    let twice = |coding| [packed(coding, front, 7), packed(coding, back, 7)].concat();
    let mut ways: Vec<_> = Coding::PACKED.map(|coding| (coding, packed(coding, page, 11))).into();
    ways.extend([
        (Coding::Deflate, bare_deflate(page)),
        (Coding::Gzip, twice(Coding::Gzip)),
        (Coding::Zstd, twice(Coding::Zstd)),
        (Coding::Zstd, [b"\x5f\x2a\x4d\x18\x03\x00\x00\x00abc", &*packed(Coding::Zstd, page, 64)].concat()),
        (Coding::Zstd, encoded(ZstdEncoder::new(19), page)),
    ]);
    ways
}

#[test]
fn a_page_is_unpacked_whole_byte_by_byte_and_cut_anywhere() {
    for (coding, body) in ways(PAGE) {
        assert_eq!(unpack(coding, 200, [&body[..]]), whole(PAGE), "{coding:?} whole");
        assert_eq!(unpack(coding, 200, body.chunks(1)), whole(PAGE), "{coding:?} byte by byte");
        for cut in 0..body.len() {
            let (front, back) = body.split_at(cut);
            assert_eq!(unpack(coding, 200, [front, back]), whole(PAGE), "{coding:?} cut at {cut}");
        }
    }
}

#[test]
fn what_is_left_out_of_a_page_is_missed() {
    for (coding, body) in ways(PAGE) {
        for cut in 1..body.len() {
            let came = unpack(coding, 200, [&body[..cut]]);
            // Of several members, each is whole; that there were to be more, nobody says.
            let is_between = PAGE.len() / 2 == came.page.len() || came.page.is_empty() && came.raw.is_empty();
            assert!(
                !came.whole || is_between && matches!(coding, Coding::Gzip | Coding::Zstd),
                "{coding:?} cut at {cut}: {came:?}"
            );
        }
    }
}

#[test]
fn what_follows_a_page_is_no_part_of_it() {
    for (coding, body) in ways(PAGE) {
        for behind in [&b"\0\0\0\0\0\0\0\0"[..], b"<!-- cached -->", b"\x1f", b"\x28\xb5"] {
            let body = [&body, behind].concat();
            assert_eq!(unpack(coding, 200, [&body[..]]), whole(PAGE), "{coding:?}");
            assert_eq!(unpack(coding, 200, body.chunks(1)), whole(PAGE), "{coding:?}");
        }
    }
}

#[test]
fn a_page_that_is_not_in_its_coding_is_itself() {
    for page in
        [PAGE, b"\xef\xbb\xbf<!DOCTYPE html><title>Pipes</title>", b"\r\n<html><body>Pipes</body></html>"]
    {
        for coding in Coding::PACKED {
            assert_eq!(unpack(coding, 200, [page]), raw(page), "{coding:?}");
        }
    }
    for coding in [Coding::Gzip, Coding::Zstd] {
        assert_eq!(unpack(coding, 200, PAGE.chunks(1)), raw(PAGE), "{coding:?}");
        assert_eq!(unpack(coding, 200, [&packed(Coding::Brotli, PAGE, 99)[..]]).page, b"", "{coding:?}");
    }
}

#[test]
fn windows_that_no_visitor_need_have_are_not_made_room_for() {
    let long = |log| {
        let params = [CParameter::window_log(log), CParameter::content_size_flag(false)];
        let mut encoder = ZstdEncoder::new_with_params(3, &params);
        let mut room = vec![0; 4096];
        let mut out = WriteBuffer::new_initialized(&mut room);
        encoder.encode(&mut PartialBuffer::new(PAGE), &mut out).unwrap();
        assert!(encoder.flush(&mut out).unwrap() && encoder.finish(&mut out).unwrap());
        out.written().to_vec()
    };
    assert_eq!(unpack(Coding::Zstd, 200, [&long(23)[..]]), whole(PAGE));
    let longer = long(24);
    assert_eq!(unpack(Coding::Zstd, 200, [&longer[..]]), raw(&longer));
    let large = [0x11, 0x1e, 0, 0, 0];
    assert_eq!(unpack(Coding::Brotli, 200, [&large[..]]), raw(&large));
}

#[test]
fn a_page_of_no_bytes_is_one_in_any_coding() {
    for coding in Coding::PACKED {
        assert_eq!(unpack(coding, 200, []), whole(b""), "{coding:?}");
        let none = packed(coding, b"", 1);
        assert_eq!(unpack(coding, 200, [&none[..]]), whole(b""), "{coding:?}");
    }
}

#[test]
fn a_page_that_unpacks_to_too_much_is_broken_off_and_one_that_does_not_isnt() {
    let zeros = vec![0; FREELY as usize * 8];
    for coding in Coding::PACKED {
        let body = packed(coding, &zeros, zeros.len());
        let ratio = u32::try_from(zeros.len() / body.len()).unwrap();
        let came = unpack(coding, ratio / 8, [&body[..]]);
        assert!(!came.whole && came.page.len() as u64 <= FREELY * 4, "{coding:?}: {}", came.page.len());
        assert_eq!(unpack(coding, ratio * 8, [&body[..]]), whole(&zeros), "{coding:?}");
        let short = packed(coding, &zeros[..FREELY as usize], zeros.len());
        assert!(unpack(coding, 1, [&short[..]]).whole, "{coding:?}");
        let mut decoder = Decoder::new(coding, 1);
        decoder.feed(body.into());
        let broken = std::iter::from_fn(|| decoder.next().transpose()).find_map(Result::err);
        assert!(matches!(broken, Some(BodyError::Unpacks(1))), "{coding:?}: {broken:?}");
    }
}

#[test]
fn a_part_can_be_read_before_the_next_is_packed() {
    for coding in Coding::PACKED {
        let mut sink = PageSink::new(coding);
        let mut decoder: Box<dyn DecodeV2> = match coding {
            Coding::Identity => continue,
            Coding::Gzip => Box::new(GzipDecoder::new()),
            Coding::Deflate => Box::new(ZlibDecoder::new()),
            Coding::Brotli => Box::new(BrotliDecoder::new()),
            Coding::Zstd => Box::new(ZstdDecoder::new()),
        };
        for part in PAGE.chunks(13) {
            let packed = sink.encode(part.to_vec()).unwrap();
            let mut room = [0; 64];
            let mut out = WriteBuffer::new_initialized(&mut room);
            assert!(!decoder.decode(&mut PartialBuffer::new(&packed[..]), &mut out).unwrap());
            assert_eq!(out.written(), part, "{coding:?}");
        }
    }
}

#[test]
fn of_an_answer_one_coding_is_read_and_stacked_ones_are_not() {
    let coding = |lines: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(line));
        }
        Coding::of(&headers)
    };
    for (lines, expected) in [
        (&[][..], Some(Coding::Identity)),
        (&[""], Some(Coding::Identity)),
        (&["identity, , Identity"], Some(Coding::Identity)),
        (&["gzip"], Some(Coding::Gzip)),
        (&["X-GZIP, identity"], Some(Coding::Gzip)),
        (&["deflate"], Some(Coding::Deflate)),
        (&["identity", "br"], Some(Coding::Brotli)),
        (&[" Zstd "], Some(Coding::Zstd)),
        (&["gzip, gzip"], None),
        (&["gzip", "br"], None),
        (&["compress"], None),
        (&["dcb"], None),
        (&["unknown, gzip"], None),
    ] {
        assert_eq!(coding(lines), expected, "{lines:?}");
    }
}

fn any_coding() -> impl Strategy<Value = Coding> {
    prop::sample::select(&Coding::PACKED[..])
}

/// Cuts bytes where these places fall.
fn split<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let starts = std::iter::once(0).chain(places.iter().copied());
    let ends = places.iter().copied().chain([bytes.len()]);
    starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_page_survives_any_coding_at_any_splits(
        page in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(PAGE)], 0..2000),
        size in 1_usize..500,
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        coding in any_coding(),
    ) {
        let body = packed(coding, &page, size);
        prop_assert_eq!(unpack(coding, 200, split(&body, &places)), whole(&page));
    }

    #[test]
    fn any_bytes_are_read_to_an_end_and_unpack_to_no_more_than_they_may(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        kept in any::<prop::sample::Index>(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        coding in any_coding(),
    ) {
        // Behind the true beginning of a page, so that more than the beginning is read.
        let body = packed(coding, PAGE, 20);
        let bytes = [&body[..kept.index(body.len())], &bytes].concat();
        let came = unpack(coding, 20, split(&bytes, &places));
        let most = FREELY.max(20 * bytes.len() as u64) + 64;
        prop_assert!((came.page.len() + came.raw.len()) as u64 <= most);
    }
}
