//! Carriers that ask and tell, as their own libraries do it.

mod answers;
mod signatures;
