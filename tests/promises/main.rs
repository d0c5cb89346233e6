//! The promises, each tested as it is worded: the real program between a scripted website and visitors.

mod calls;
mod carriers;
mod cdn;
mod commands;
mod consent;
mod counted;
mod durable_before_shown;
mod each_their_own;
mod hydration;
mod in_a_browser;
mod ledger_fails;
mod nap_stands;
mod neighbours;
mod observed;
mod only_numbers_change;
mod origins;
mod private_pages;
mod reload;
mod several_nodes;
mod site_stays_up;
mod spent_on_people;
mod streaming;
mod support;
mod tls;
