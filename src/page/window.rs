//! The bytes of a page that have come and are no pieces yet.
//!
//! Places are bytes of the page, whatever has left the window before.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::number::BEHIND;

/// The part of a page that is in work.
#[derive(Debug)]
pub(super) struct Window {
    bytes: BytesMut,
    /// Where the first of them stands.
    start: usize,
    /// The bytes before it.
    behind: [u8; BEHIND],
}

impl Default for Window {
    fn default() -> Self {
        Window { bytes: BytesMut::new(), start: 0, behind: [b' '; BEHIND] }
    }
}

impl Window {
    pub fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn start(&self) -> usize {
        self.start
    }

    pub fn end(&self) -> usize {
        self.start + self.bytes.len()
    }

    /// All that is in it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What stands in a place that is in the window.
    pub fn get(&self, place: Range<usize>) -> &[u8] {
        &self.bytes[place.start - self.start..place.end - self.start]
    }

    /// What stands from here on.
    pub fn from(&self, at: usize) -> &[u8] {
        &self.bytes[at - self.start..]
    }

    /// The last bytes before this one, in the window or not; blanks before the page.
    pub fn before(&self, at: usize) -> [u8; BEHIND] {
        let inside = at - self.start;
        let byte = |back: usize| match inside.checked_sub(back) {
            Some(index) => self.bytes[index],
            None => self.behind[BEHIND - (back - inside)],
        };
        std::array::from_fn(|place| byte(BEHIND - place))
    }

    /// Takes out what stands before byte `to` of the page.
    pub fn take(&mut self, to: usize) -> Bytes {
        let taken = self.bytes.split_to(to.saturating_sub(self.start)).freeze();
        self.start += taken.len();
        let last = &taken[taken.len().saturating_sub(BEHIND)..];
        self.behind.rotate_left(last.len());
        self.behind[BEHIND - last.len()..].copy_from_slice(last);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_byte_is_known_after_it_has_left() {
        let mut window = Window::default();
        window.write(b"0123456789abcdefghij");
        let before = |window: &Window, at| String::from_utf8(window.before(at).to_vec()).unwrap();
        assert_eq!(before(&window, 3), "             012");
        for to in [1, 18, 18] {
            let left = window.start();
            assert_eq!(window.take(to).len(), to - left);
            assert_eq!(before(&window, 18), "23456789abcdefgh");
            assert_eq!(before(&window, 20), "456789abcdefghij");
        }
        assert_eq!(
            (window.start(), window.end(), window.bytes(), window.from(19)),
            (18, 20, &b"ij"[..], &b"j"[..])
        );
    }
}
