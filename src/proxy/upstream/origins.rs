//! The origins of one site, and which of them is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::checks;
use super::counts::OriginCounts;
use super::origin::Origin;
use super::route::Route;
use crate::config::Site;

pub(in super::super) struct Origins {
    /// As configured: one at least.
    all: Vec<Arc<Origin>>,
}

impl Origins {
    /// Where there are several, they are asked whether they are well from now on. To connect to one may take as long as `patience`.
    pub fn of(site: &Site, patience: Duration, counts: &OriginCounts) -> Self {
        let all: Vec<_> = Route::to_all_of(site, patience)
            .into_iter()
            .map(|route| {
                let counted = counts.of(&site.name, &route.name);
                Origin::new(route, counted)
            })
            .collect();
        if all.len() > 1 {
            all.iter().for_each(|origin| checks::begin(origin, site));
        }
        Origins { all }
    }

    pub(super) fn at(&self, place: usize) -> &Arc<Origin> {
        &self.all[place]
    }

    /// The place of the one to be asked: of two that are well, by chance, the one with less in hand. Where none is well one of the
    /// others is asked all the same; those that were tried are not. None: all were.
    pub(super) fn choose(&self, tried: &[usize]) -> Option<usize> {
        let now = Instant::now();
        let mut left: SmallVec<[usize; 8]> =
            (0..self.all.len()).filter(|place| !tried.contains(place)).collect();
        if left.iter().any(|place| self.all[*place].standing.is_well(now)) {
            left.retain(|place| self.all[*place].standing.is_well(now));
        }
        less_busy_of_two(&left, |place| self.all[place].outstanding(), |count| rand::random_range(0..count))
    }

    /// Each by its name, and whether it is thought well.
    pub fn standing(&self) -> impl Iterator<Item = (&str, bool)> {
        let now = Instant::now();
        self.all.iter().map(move |origin| (&*origin.route.name, origin.standing.is_well(now)))
    }
}

/// The power of two choices: nearly as even as to ask the least busy of all, and no herd follows one that has just come back
/// (Mitzenmacher, 2001). `draw` gives a number below its argument.
fn less_busy_of_two(
    places: &[usize],
    in_hand: impl Fn(usize) -> usize,
    draw: impl Fn(usize) -> usize,
) -> Option<usize> {
    match places {
        [] => None,
        [only] => Some(*only),
        _ => {
            let first = draw(places.len());
            let second = (first + 1 + draw(places.len() - 1)) % places.len();
            let (first, second) = (places[first], places[second]);
            Some(if in_hand(second) < in_hand(first) { second } else { first })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn choice(places: &[usize], in_hand: &[usize], draws: &[usize]) -> Option<usize> {
        let draws = RefCell::new(draws.iter());
        let draw = |count| *draws.borrow_mut().next().filter(|draw| **draw < count).unwrap();
        less_busy_of_two(places, |place| in_hand[place], draw)
    }

    #[test]
    fn of_two_by_chance_the_less_busy_is_asked() {
        assert_eq!(choice(&[], &[], &[]), None);
        assert_eq!(choice(&[3], &[0; 4], &[]), Some(3));
        let in_hand = [5, 2, 9, 0];
        for (draws, chosen) in [([0, 0], 1), ([1, 2], 1), ([2, 0], 3), ([0, 2], 3), ([3, 2], 3)] {
            assert_eq!(choice(&[0, 1, 2, 3], &in_hand, &draws), Some(chosen), "{draws:?}");
        }
        assert_eq!(choice(&[0, 1], &[1, 1], &[1, 0]), Some(1), "among equals chance decides");
        assert_eq!(choice(&[0, 1], &[1, 1], &[0, 0]), Some(0));
    }
}
