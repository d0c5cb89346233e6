//! A recording that is on its way: what has come of it, so that it can go on from there, after a restart too.
//!
//! Beside it stand its notes: how much of it is on disk, and which version of the carrier's it is of. What came since was written,
//! perhaps, and is asked for again.

use std::fs::TryLockError;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::folder::{self, NOTES, UNFINISHED};
use crate::clock::Timestamp;

/// Notes are made each time that so much has come.
const NOTED_EVERY: u64 = if cfg!(test) { 1 << 10 } else { 8 << 20 };

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

pub(super) struct Partial {
    folder: PathBuf,
    name: String,
    /// Locked: two processes may share the folder.
    file: File,
    hash: Sha256,
    bytes: u64,
    noted: u64,
    version: Option<String>,
}

/// A recording that is whole, and in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Its name in the folder of its call.
    pub file: String,
    pub bytes: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

impl Partial {
    /// What there is of this recording in its call's folder, or a new beginning. None: another process is at it.
    pub async fn open(folder: &Path, name: &str) -> io::Result<Option<Self>> {
        let path = folder.join(format!("{name}.{UNFINISHED}"));
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut partial = Partial {
            folder: folder.to_owned(),
            name: name.to_owned(),
            file: File::from_std(file),
            hash: Sha256::new(),
            bytes: 0,
            noted: 0,
            version: None,
        };
        partial.read_notes().await?;
        Ok(Some(partial))
    }

    /// Where it goes on, and in which version; none where it begins.
    pub fn goes_on(&self) -> Option<(u64, &str)> {
        let version = self.version.as_deref().filter(|_| self.bytes > 0)?;
        Some((self.bytes, version))
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Begins anew. `version`: the carrier's, where it has a name by which it can be asked for again.
    pub async fn begin(&mut self, version: Option<&str>) -> io::Result<()> {
        (self.bytes, self.noted, self.hash) = (0, 0, Sha256::new());
        self.version = version.filter(|version| !version.contains('\n')).map(str::to_owned);
        self.file.set_len(0).await?;
        self.file.rewind().await?;
        self.note().await
    }

    /// Takes what has come.
    pub async fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        if self.bytes - self.noted >= NOTED_EVERY {
            self.note().await?;
        }
        Ok(())
    }

    /// Has what has come so far on disk, and notes it.
    pub async fn note(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        let notes = format!("{}\n{}\n", self.bytes, self.version.as_deref().unwrap_or_default());
        tokio::fs::write(self.notes(), notes).await?;
        self.noted = self.bytes;
        Ok(())
    }

    /// It is whole: it gets its name, and `time`, when it was recorded.
    pub async fn finish(mut self, extension: &str, time: Timestamp) -> io::Result<Kept> {
        self.file.flush().await?;
        let file = format!("{}.{extension}", self.name);
        let hash = std::mem::take(&mut self.hash).finalize();
        let kept = Kept {
            file: file.clone(),
            bytes: self.bytes,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        let open = self.file.try_clone().await?.into_std().await;
        let (folder, unfinished, notes) = (self.folder.clone(), self.unfinished(), self.notes());
        let named = tokio::task::spawn_blocking(move || {
            open.set_modified(folder::instant(time))?;
            open.sync_all()?;
            std::fs::rename(unfinished, folder.join(file))?;
            let _ = std::fs::remove_file(notes);
            folder::sync(&folder)
        });
        named.await.map_err(io::Error::other)??;
        Ok(kept)
    }

    /// Nothing of it is wanted any more.
    pub async fn discard(self) {
        let _ = tokio::fs::remove_file(self.unfinished()).await;
        let _ = tokio::fs::remove_file(self.notes()).await;
        // Unless there are others of the call.
        let _ = tokio::fs::remove_dir(&self.folder).await;
    }

    async fn read_notes(&mut self) -> io::Result<()> {
        let notes = tokio::fs::read_to_string(self.notes()).await.unwrap_or_default();
        let mut lines = notes.lines();
        let noted = lines.next().and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
        let version = lines.next().filter(|version| !version.is_empty());
        let (Some(version), true) = (version, self.file.metadata().await?.len() >= noted) else {
            return self.begin(None).await;
        };
        self.file.set_len(noted).await?;
        let mut piece = vec![0; PIECE];
        while self.bytes < noted {
            let read = self.file.read(&mut piece).await?;
            if read == 0 {
                return self.begin(None).await;
            }
            self.hash.update(&piece[..read]);
            self.bytes += read as u64;
        }
        (self.noted, self.version) = (noted, Some(version.to_owned()));
        Ok(())
    }

    fn unfinished(&self) -> PathBuf {
        self.folder.join(format!("{}.{UNFINISHED}", self.name))
    }

    fn notes(&self) -> PathBuf {
        self.folder.join(format!("{}.{NOTES}", self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const LATER: Timestamp = Timestamp(1_800_000_000_000);

    async fn open(folder: &Path) -> Partial {
        Partial::open(folder, "RE0").await.unwrap().expect("nobody else has it")
    }

    #[tokio::test]
    async fn it_goes_on_from_what_was_noted_and_is_the_same_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = open(folder.path()).await;
        assert_eq!(first.goes_on(), None);
        first.begin(Some("\"v1\"")).await.unwrap();
        first.take(&[1; 1500]).await.unwrap();
        first.take(&[2; 100]).await.unwrap();
        first.file.flush().await.unwrap();
        drop(first);
        let mut again = open(folder.path()).await;
        assert_eq!(again.goes_on(), Some((1500, "\"v1\"")), "what came since is asked for again");
        again.take(&[2; 100]).await.unwrap();
        again.note().await.unwrap();
        let kept = again.finish("mp3", LATER).await.unwrap();
        let whole = [vec![1; 1500], vec![2; 100]].concat();
        let path = folder.path().join("RE0.mp3");
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        let sha256: String = Sha256::digest(&whole).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(kept, Kept { file: "RE0.mp3".to_owned(), bytes: 1600, sha256 });
        let file = std::fs::metadata(&path).unwrap();
        assert_eq!(
            (file.permissions().mode() & 0o777, file.modified().unwrap()),
            (0o600, folder::instant(LATER))
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[tokio::test]
    async fn what_can_not_be_asked_for_again_and_what_is_not_as_noted_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        for (version, notes) in [
            (None, None),
            (Some("\"v1\""), Some("2000\n\"v1\"\n")),
            (Some("\"v1\""), Some("many\n\"v1\"\n")),
            (Some("\"v1\""), Some("")),
        ] {
            let mut first = open(folder.path()).await;
            first.begin(version).await.unwrap();
            first.take(&[1; 1500]).await.unwrap();
            first.file.flush().await.unwrap();
            drop(first);
            if let Some(notes) = notes {
                std::fs::write(folder.path().join("RE0.notes"), notes).unwrap();
            }
            let again = open(folder.path()).await;
            assert_eq!((again.goes_on(), again.bytes()), (None, 0), "{version:?} {notes:?}");
        }
    }

    #[tokio::test]
    async fn nobody_else_takes_it_up_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path()).await;
        assert!(Partial::open(folder.path(), "RE0").await.unwrap().is_none());
        assert!(Partial::open(folder.path(), "RE1").await.unwrap().is_some());
        first.discard().await;
        assert!(!folder.path().join("RE0.part").exists());
    }
}
