//! Sessions that were erased while somebody may still have been at work for them: what comes for them late is not written.

use std::collections::HashSet;

use super::writer::Write;
use crate::visit::SessionHash;

/// Sessions of which nothing is written any more. They stay for as long as the process runs: nobody is given their ids again,
/// and each takes a few bytes.
#[derive(Debug, Default)]
pub(super) struct Erased(HashSet<SessionHash>);

impl Erased {
    /// Takes note of the sessions that this group erases, and takes out of the group, and of what was kept for it, what tells
    /// of those that were ever erased. Leases among that have failed.
    pub fn strike(&mut self, group: &mut Vec<Write>, kept: &mut Vec<Write>) {
        self.0.extend(group.iter().filter_map(Write::erases));
        if !self.0.is_empty() {
            for writes in [group, kept] {
                writes.retain_mut(|write| self.leaves(write));
            }
        }
    }

    fn leaves(&self, write: &mut Write) -> bool {
        match write {
            Write::Lease(lease, _) if self.0.contains(&lease.session.hash) => {
                write.fail();
                false
            }
            Write::Sessions(sessions, commit) => {
                sessions.retain(|session| !self.0.contains(&session.hash));
                if sessions.is_empty() {
                    commit.finish(false);
                }
                !sessions.is_empty()
            }
            Write::SessionsSeen(seen) => {
                seen.retain(|(session, _)| !self.0.contains(session));
                !seen.is_empty()
            }
            Write::Opened(pages) => {
                pages.retain(|view| !self.0.contains(&view.session));
                !pages.is_empty()
            }
            Write::Clicks(_, session) => !self.0.contains(session),
            Write::Tapped(tap) => !self.0.contains(&tap.session),
            Write::Rang(ring, _) => {
                for candidate in &mut ring.candidates {
                    candidate.session = candidate.session.filter(|session| !self.0.contains(session));
                }
                true
            }
            Write::Confirmed(confirmed) => !self.0.contains(&confirmed.session),
            _ => true,
        }
    }
}
