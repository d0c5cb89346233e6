//! A telephone system's recording comes from its folder: a plain file, with no link on the way to it.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};

use rustix::fs::{CWD, Mode, OFlags, openat};
use tokio::io::AsyncReadExt;

use super::kind::Kind;
use super::partial::Partial;
use super::refused::{Failed, Refused};

/// Bytes that are copied at once.
const PIECE: usize = 256 << 10;

/// Copies a file that was named below a folder. Its kind is what its name says.
///
/// # Errors
/// [`Failed`]: also where the file has changed meanwhile, for then it is being written still.
pub(super) async fn copy(
    folder: &Path,
    name: &str,
    largest: u64,
    part: &mut Partial,
) -> Result<Kind, Failed> {
    let (folder, owned) = (folder.to_owned(), name.to_owned());
    let opened = tokio::task::spawn_blocking(move || open(&folder, &owned)).await;
    let file = opened.map_err(io::Error::other)??;
    let before = file.metadata()?;
    if before.len() > largest {
        return Err(Refused::TooLarge(largest).into());
    }
    part.begin(None).await?;
    let mut file = tokio::fs::File::from_std(file);
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        if part.bytes() + read as u64 > largest {
            return Err(Refused::TooLarge(largest).into());
        }
        part.take(&piece[..read]).await?;
    }
    let is_as_before = state(&file.metadata().await?) == state(&before) && part.bytes() == before.len();
    match is_as_before && part.bytes() > 0 {
        true => Ok(Kind::of_name(name)),
        false => Err(Failed::Growing),
    }
}

/// Opens part after part of the name, none of which may be a link: what is one leads out of the folder.
fn open(folder: &Path, name: &str) -> Result<File, Failed> {
    let refused = || Refused::NoFile(name.to_owned());
    let mut parts = Vec::new();
    for part in Path::new(name).components() {
        let Component::Normal(part) = part else { return Err(refused().into()) };
        parts.push(part);
    }
    let Some((file, folders)) = parts.split_last() else { return Err(refused().into()) };
    // A link is no folder, and where there is a loop of them none is found; what waits for a reader is not waited for.
    let (find, read) = (OFlags::DIRECTORY | OFlags::CLOEXEC, OFlags::NONBLOCK | OFlags::CLOEXEC);
    let mut at = openat(CWD, folder, find, Mode::empty()).map_err(io::Error::from)?;
    let no_link = |error: rustix::io::Errno| match error {
        rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR => Failed::from(refused()),
        error => Failed::from(io::Error::from(error)),
    };
    for part in folders {
        at = openat(&at, *part, find | OFlags::NOFOLLOW, Mode::empty()).map_err(no_link)?;
    }
    let file = openat(&at, *file, read | OFlags::NOFOLLOW, Mode::empty()).map_err(no_link)?;
    let file = File::from(file);
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused().into()) }
}

/// What changes when a file is written to.
fn state(file: &Metadata) -> (u64, i64, i64) {
    (file.len(), file.mtime(), file.mtime_nsec())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    async fn copied(folder: &Path, name: &str) -> Result<Kind, Failed> {
        let to = tempfile::tempdir().unwrap();
        let mut part = Partial::open(to.path(), "copy").await.unwrap().unwrap();
        copy(folder, name, 1000, &mut part).await
    }

    #[tokio::test]
    async fn a_file_below_the_folder_is_copied_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let files = parent.path().join("files");
        std::fs::create_dir_all(files.join("2026/11")).unwrap();
        std::fs::write(files.join("2026/11/call.wav"), [1; 1000]).unwrap();
        std::fs::write(files.join("long.wav"), [1; 1001]).unwrap();
        std::fs::write(files.join("empty.wav"), "").unwrap();
        std::fs::write(parent.path().join("secret.wav"), "secret").unwrap();
        symlink(parent.path().join("secret.wav"), files.join("link.wav")).unwrap();
        symlink(files.join("2026"), files.join("year")).unwrap();
        symlink("call.wav", files.join("2026/11/same.wav")).unwrap();
        assert_eq!(copied(&files, "2026/11/call.wav").await.unwrap().extension(), "wav");
        for name in [
            "../secret.wav",
            "2026/../../secret.wav",
            "/etc/passwd",
            "",
            ".",
            "link.wav",
            "year/11/call.wav",
            "2026/11/same.wav",
            "2026/11",
            "long.wav",
            "long.wav/call.wav",
        ] {
            let refused = copied(&files, name).await.unwrap_err();
            assert!(matches!(refused, Failed::Refused(_)), "{name:?}: {refused}");
        }
        let missing = copied(&files, "2026/12/call.wav").await.unwrap_err();
        assert!(
            matches!(&missing, Failed::Disk(error) if error.kind() == io::ErrorKind::NotFound),
            "{missing}"
        );
        assert!(matches!(copied(&files, "empty.wav").await, Err(Failed::Growing)));
    }

    #[tokio::test]
    async fn the_folder_itself_may_be_a_link() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::create_dir(parent.path().join("files")).unwrap();
        std::fs::write(parent.path().join("files/call.mp3"), "sound").unwrap();
        symlink("files", parent.path().join("spool")).unwrap();
        assert_eq!(copied(&parent.path().join("spool"), "call.mp3").await.unwrap().extension(), "mp3");
    }
}
