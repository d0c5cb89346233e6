//! Which telephones ring, and in which order.

use crate::number::PhoneNumber;

/// Telephones, of which one is to take the call. Without any, nobody is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ring {
    /// One after the other.
    InOrder(Vec<PhoneNumber>),
    Together(Vec<PhoneNumber>),
    /// One by chance, as often as its weight says; then the others, the heaviest first.
    ByWeight(Vec<(PhoneNumber, u32)>),
}

impl Ring {
    /// Those that ring at once, group after group. `first`, where it is among them, rings before all others, and alone.
    pub(super) fn groups(&self, first: Option<&str>, chance: u64) -> Vec<Vec<&str>> {
        let first = first.and_then(|first| self.all().find(|number| *number == first));
        let others = |numbers: Vec<_>| numbers.into_iter().filter(|number| Some(*number) != first).collect();
        let others: Vec<&str> = match self {
            Ring::InOrder(_) | Ring::Together(_) => others(self.all().collect()),
            Ring::ByWeight(weighted) => others(drawn(weighted, chance)),
        };
        let others = match self {
            Ring::Together(_) => vec![others],
            Ring::InOrder(_) | Ring::ByWeight(_) => others.into_iter().map(|number| vec![number]).collect(),
        };
        let first = first.map(|first| vec![first]);
        first.into_iter().chain(others).filter(|group| !group.is_empty()).collect()
    }

    /// E.164
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let (plain, weighted): (&[PhoneNumber], &[(PhoneNumber, u32)]) = match self {
            Ring::InOrder(numbers) | Ring::Together(numbers) => (numbers, &[]),
            Ring::ByWeight(weighted) => (&[], weighted),
        };
        plain.iter().chain(weighted.iter().map(|(number, _)| number)).map(PhoneNumber::e164)
    }
}

/// One by its weight, then the others, the heaviest first.
fn drawn(weighted: &[(PhoneNumber, u32)], chance: u64) -> Vec<&str> {
    let total: u64 = weighted.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut left = chance.checked_rem(total).unwrap_or(0);
    let chosen = weighted.iter().position(|(_, weight)| {
        let is_it = left < u64::from(*weight);
        left = left.saturating_sub(u64::from(*weight));
        is_it
    });
    let mut places: Vec<_> = (0..weighted.len()).collect();
    // Sorting is stable: of those that weigh the same, the one that is named first comes first.
    places.sort_by_key(|place| (Some(*place) != chosen, std::cmp::Reverse(weighted[*place].1)));
    places.into_iter().map(|place| weighted[place].0.e164()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(last: u32) -> PhoneNumber {
        PhoneNumber::parse(&format!("+1212555{last:04}"), "US".parse().unwrap()).unwrap()
    }

    fn numbers() -> Vec<PhoneNumber> {
        vec![number(100), number(101), number(102)]
    }

    /// The last digits of those that ring, group after group.
    fn rings(ring: &Ring, first: Option<&str>, chance: u64) -> String {
        let group = |group: &Vec<&str>| group.iter().map(|number| &number[11..]).collect::<String>();
        ring.groups(first, chance).iter().map(group).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn they_ring_in_order_or_together_as_is_asked() {
        assert_eq!(rings(&Ring::InOrder(numbers()), None, 7), "0 1 2");
        assert_eq!(rings(&Ring::Together(numbers()), None, 7), "012");
    }

    #[test]
    fn who_took_the_last_call_rings_first_and_alone() {
        assert_eq!(rings(&Ring::InOrder(numbers()), Some("+12125550102"), 0), "2 0 1");
        assert_eq!(rings(&Ring::Together(numbers()), Some("+12125550101"), 0), "1 02");
        assert_eq!(rings(&Ring::Together(vec![number(101)]), Some("+12125550101"), 0), "1");
        assert_eq!(rings(&Ring::InOrder(numbers()), Some("+12125550199"), 0), "0 1 2", "they left");
        let weighted = Ring::ByWeight(numbers().into_iter().zip([1, 5, 3]).collect());
        assert_eq!(rings(&weighted, Some("+12125550100"), 3), "0 1 2");
    }

    #[test]
    fn one_is_drawn_by_its_weight_and_the_others_follow_the_heaviest_first() {
        let weighted = Ring::ByWeight(numbers().into_iter().zip([1, 5, 3]).collect());
        assert_eq!(rings(&weighted, None, 0), "0 1 2");
        assert_eq!(rings(&weighted, None, 1), "1 2 0");
        assert_eq!(rings(&weighted, None, 6), "2 1 0");
        let never_first = Ring::ByWeight(numbers().into_iter().zip([0, 1, 0]).collect());
        assert!((0..100).all(|chance| rings(&never_first, None, chance) == "1 0 2"));
    }

    #[test]
    fn weights_of_nothing_at_all_are_drawn_in_order() {
        let nothing = Ring::ByWeight(numbers().into_iter().zip([0, 0, 0]).collect());
        assert_eq!(rings(&nothing, None, 5), "0 1 2");
    }
}
