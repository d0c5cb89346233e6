//! The configuration's file, which is looked at again and again: has it changed?
//!
//! What counts is what it says, not when it was written or where its name leads: a link may be led elsewhere, and a file put in
//! another's place. Half of it may be there while it is written, so that a change counts once it was seen twice in a row.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// From one look to the next.
pub(super) const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Watched {
    path: PathBuf,
    /// As it was put to use, or was found to be of no use.
    taken: Option<Vec<u8>>,
    /// Something else, seen once.
    seen: Option<Vec<u8>>,
}

impl Watched {
    /// The file as it is now counts as taken.
    pub fn of(path: &Path) -> Self {
        Watched { path: path.to_owned(), taken: std::fs::read(path).ok(), seen: None }
    }

    /// It is about to be read, for whatever reason.
    pub async fn take(&mut self) {
        self.taken = tokio::fs::read(&self.path).await.ok();
        self.seen = None;
    }

    /// Whether it says something else now, and said so at the last look. To be asked every second; what has changed counts as
    /// taken then.
    pub async fn has_changed(&mut self) -> bool {
        let content = tokio::fs::read(&self.path).await.ok();
        self.is_news(content)
    }

    /// None: it isn't there, as in between the one and what is put in its place. That is no news.
    fn is_news(&mut self, content: Option<Vec<u8>>) -> bool {
        let known = content.is_none() || content == self.taken;
        if !known && content == self.seen {
            self.taken = self.seen.take();
            return true;
        }
        self.seen = content.filter(|_| !known);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched() -> Watched {
        Watched { path: PathBuf::new(), taken: Some(b"old".to_vec()), seen: None }
    }

    /// Whether each of these looks brings news.
    fn news(watched: &mut Watched, looks: &[Option<&str>]) -> Vec<bool> {
        looks.iter().map(|content| watched.is_news(content.map(|text| text.as_bytes().to_vec()))).collect()
    }

    #[test]
    fn a_change_counts_once_it_was_seen_twice_in_a_row() {
        let looks = [Some("old"), Some("new"), Some("new"), Some("new")];
        assert_eq!(news(&mut watched(), &looks), [false, false, true, false]);
    }

    #[test]
    fn half_a_file_that_grows_on_is_not_taken() {
        let looks = [Some(""), Some("ne"), Some("new"), Some("new"), Some("old"), Some("new"), Some("old")];
        assert_eq!(news(&mut watched(), &looks), [false, false, false, true, false, false, false]);
    }

    #[test]
    fn a_file_that_is_away_for_a_while_is_no_news() {
        let looks = [None, None, Some("old"), None, Some("new"), None, Some("new"), Some("new")];
        assert_eq!(news(&mut watched(), &looks), [false, false, false, false, false, false, false, true]);
    }

    #[test]
    fn what_is_taken_back_before_it_was_seen_twice_is_no_news() {
        let looks = [Some("new"), Some("old"), Some("new"), Some("old")];
        assert_eq!(news(&mut watched(), &looks), [false; 4]);
    }
}
