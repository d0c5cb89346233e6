//! How an input is cut up.

/// The input's pieces, each as long as its first byte says: 1 to 24 bytes.
pub fn pieces(mut input: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let len = 1 + usize::from(*input.first()?) % 24;
        let (piece, rest) = input.split_at(len.min(input.len()));
        input = rest;
        Some(piece)
    })
}
