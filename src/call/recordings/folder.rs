//! The folder of recordings: a folder for each call, named by its id, and in it a file for each recording.
//!
//! They are their owner's only. What is on its way lies beside them, until it is whole: see [`Partial`](super::partial::Partial).

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::ledger::CallId;

/// A recording's id of this many letters, digits, `-` and `_` names its file; any other is known by its hash.
const LONGEST_NAME: usize = 64;

/// What a file's name goes on with that is not a recording yet.
pub(super) const UNFINISHED: &str = "part";
pub(super) const NOTES: &str = "notes";

#[derive(Clone, Debug)]
pub(in crate::call) struct Folder(PathBuf);

/// Files of one call that are older than they are to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outdated {
    pub call: CallId,
    /// As events name them: relative to the folder.
    pub files: Vec<String>,
}

impl Folder {
    pub fn at(path: &Path) -> Self {
        Folder(path.to_owned())
    }

    /// The call's own folder, which is made where there is none. Touches the disk, as all of these.
    pub(super) fn make(&self, call: CallId) -> io::Result<PathBuf> {
        let path = self.0.join(call.to_string());
        if !path.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
            sync(&self.0)?;
        }
        Ok(path)
    }

    /// Opens what an event names.
    pub(super) fn open(&self, path: &str) -> io::Result<File> {
        let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        match is_plain {
            true => File::open(self.0.join(path)),
            false => Err(ErrorKind::InvalidInput.into()),
        }
    }

    /// Removes all that is kept of a call. How many recordings that was.
    pub fn remove(&self, call: CallId) -> io::Result<i64> {
        let path = self.0.join(call.to_string());
        let count = match files(&path) {
            Ok(files) => files.iter().filter(|file| is_recording(file)).count(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        std::fs::remove_dir_all(&path)?;
        sync(&self.0)?;
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Removes one file, which need not be there, and the call's folder with the last.
    pub(super) fn remove_file(&self, path: &str) -> io::Result<()> {
        let path = self.0.join(path);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        match path.parent().map(std::fs::remove_dir) {
            Some(Err(error))
                if !matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::NotFound) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Calls with files that were made before then. What lies in the folder beside calls is passed over.
    pub(super) fn made_before(&self, time: Timestamp) -> io::Result<Vec<Outdated>> {
        let mut found = Vec::new();
        let calls = match std::fs::read_dir(&self.0) {
            Ok(calls) => calls,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        for entry in calls {
            let entry = entry?;
            let name = entry.file_name();
            let Some(call) = name.to_str().and_then(|name| name.parse::<CallId>().ok()) else { continue };
            let is_old = |file: &String| {
                let made = std::fs::metadata(self.0.join(call.to_string()).join(file))
                    .and_then(|file| file.modified());
                made.is_ok_and(|made| made < instant(time))
            };
            let files = files(&entry.path())?.into_iter().filter(is_old);
            let files: Vec<String> = files.map(|file| format!("{call}/{file}")).collect();
            if !files.is_empty() {
                found.push(Outdated { call, files });
            }
        }
        Ok(found)
    }
}

/// What a recording's files are called, before the dot.
pub(super) fn name_of(recording: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=LONGEST_NAME).contains(&recording.len()) && recording.bytes().all(is_plain) {
        return recording.to_owned();
    }
    let hash = Sha256::digest(recording);
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn instant(time: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(time.0).unwrap_or(0))
}

/// Has what was made, named or removed in a folder on disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn files(folder: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect()
}

fn is_recording(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, extension)| extension != UNFINISHED && extension != NOTES)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const CALL: CallId = CallId([7; 12]);

    #[test]
    fn a_recordings_name_is_its_id_where_that_is_plain_and_else_a_hash() {
        assert_eq!(name_of("RE0-a_b"), "RE0-a_b");
        for id in ["", "..", "a/b", "2026/11/call.wav", "a.wav", "é", &"a".repeat(65)] {
            let name = name_of(id);
            assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id:?}: {name}");
        }
        assert_ne!(name_of("a/b"), name_of("a/c"));
    }

    #[test]
    fn a_calls_folder_is_its_owners_and_goes_as_a_whole() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(&parent.path().join("recordings"));
        assert_eq!(folder.remove(CALL).unwrap(), 0, "there is none");
        let made = folder.make(CALL).unwrap();
        for made in [&made, &folder.0] {
            assert_eq!(std::fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700);
        }
        for file in ["a.mp3", "b.wav", "c.part", "c.notes"] {
            std::fs::write(made.join(file), "sound").unwrap();
        }
        folder.make(CallId([8; 12])).unwrap();
        assert_eq!(folder.remove(CALL).unwrap(), 2);
        assert!(!made.exists() && folder.0.join(CallId([8; 12]).to_string()).exists());
    }

    #[test]
    fn what_is_too_old_is_found_by_the_recordings_time() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::at(parent.path());
        let made = folder.make(CALL).unwrap();
        let at = |file: &str, millis| {
            std::fs::write(made.join(file), "sound").unwrap();
            let file = File::options().write(true).open(made.join(file)).unwrap();
            file.set_modified(instant(Timestamp(millis))).unwrap();
        };
        at("old.mp3", 1_000_000);
        at("new.mp3", 2_000_000);
        std::fs::create_dir(parent.path().join("somebody's")).unwrap();
        std::fs::write(parent.path().join("somebody's/file"), "").unwrap();
        assert_eq!(folder.made_before(Timestamp(1_000_000)).unwrap(), []);
        let found = folder.made_before(Timestamp(1_000_001)).unwrap();
        assert_eq!(found, [Outdated { call: CALL, files: vec![format!("{CALL}/old.mp3")] }]);
        folder.remove_file(&found[0].files[0]).unwrap();
        assert!(!made.join("old.mp3").exists() && made.join("new.mp3").exists());
        folder.remove_file(&format!("{CALL}/new.mp3")).unwrap();
        folder.remove_file(&format!("{CALL}/new.mp3")).unwrap();
        assert!(!made.exists(), "nothing is left of the call");
        assert_eq!(Folder::at(&parent.path().join("none")).made_before(Timestamp::now()).unwrap(), []);
    }

    #[test]
    fn nothing_outside_the_folder_is_opened() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("secret"), "").unwrap();
        let folder = Folder::at(&parent.path().join("recordings"));
        folder.make(CALL).unwrap();
        for path in ["../secret", "/etc/passwd", "a/../../secret"] {
            assert_eq!(folder.open(path).unwrap_err().kind(), ErrorKind::InvalidInput, "{path}");
        }
    }
}
