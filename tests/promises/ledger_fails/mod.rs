//! A ledger that can't be used is said to be so at start, with the remedy. One that fails later costs nobody a page, and is
//! written again as soon as it can be: nobody has to start anything again.

mod at_start;
mod disk;
mod later;
mod size;
mod unheard;
