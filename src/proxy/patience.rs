//! How long the next bytes of something are waited for. It is as long for each of them, however long all of it takes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

pub(super) struct Patience {
    lasts: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
}

impl Patience {
    pub fn of(lasts: Duration) -> Self {
        Patience { lasts, timer: None, is_waiting: false }
    }

    /// Something has come: what comes next may take as long again.
    pub fn renew(&mut self) {
        self.is_waiting = false;
    }

    /// To be asked when nothing has come: ready where nothing has for too long.
    pub fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lasts = self.lasts;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(lasts)));
        if !std::mem::replace(&mut self.is_waiting, true)
            && let Some(deadline) = Instant::now().checked_add(lasts)
        {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }
}
