use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::call::plan::Recording;

const DESTINATION: &str = "+12125550100";

fn number(e164: &str) -> PhoneNumber {
    PhoneNumber::parse(e164, "US".parse().unwrap()).unwrap()
}

fn numbers(last: &[u32]) -> Vec<PhoneNumber> {
    last.iter().map(|last| number(&format!("+1212555{last:04}"))).collect()
}

fn routes(routes: Vec<(When, Treatment)>) -> Routes {
    let routes = routes.into_iter().map(|(when, then)| Route { when, then }).collect();
    Routes::new(number(DESTINATION), routes, Vec::new())
}

fn caller() -> Caller {
    Caller::Number("+13055550123".to_owned())
}

/// Friday noon in New York.
fn asking(caller: &Caller) -> Asking<'_> {
    Asking {
        time: Timestamp::parse("2026-11-27T17:00:00Z").unwrap(),
        caller,
        last_taken_by: None,
        chance: 0,
        dialled: "+16465550111",
        words: Words { source: Some("google"), channel: Some("Paid Search"), ..Words::default() },
        suspect: Suspect::None,
    }
}

fn in_order(last: &[u32]) -> Treatment {
    Treatment { ring: Some(Ring::InOrder(numbers(last))), ..Treatment::default() }
}

fn office(spans: &[&str]) -> When {
    let spans = spans.iter().map(|span| span.parse().unwrap()).collect();
    When { hours: Some(Hours::new(zone("America/New_York").unwrap(), Some(spans), vec![])), areas: None }
}

fn from_area(codes: &[&str]) -> When {
    let areas = codes.iter().map(|code| CallerArea::parse(code, "US".parse().unwrap()).unwrap());
    When { hours: None, areas: Some(areas.collect()) }
}

/// Who is dialled, step by step.
fn dialled(planned: &Planned) -> Vec<String> {
    let dials = planned.plan.steps.iter().filter_map(|step| match step {
        Step::Dial(dial) => Some(dial.to.join(" ")),
        _ => None,
    });
    dials.collect()
}

#[test]
fn without_routes_the_destination_is_dialled() {
    let planned = routes(vec![]).plan(&asking(&caller()));
    assert_eq!(planned.plan, Plan::connect(DESTINATION));
    assert_eq!(planned.because, ["the call goes to the line's destination +12125550100"]);
}

#[test]
fn the_first_route_that_suits_is_taken_and_each_before_it_says_why_not() {
    let lines = routes(vec![
        (office(&["Mon-Thu 08:00-18:00"]), in_order(&[1])),
        (from_area(&["212", "646"]), in_order(&[2])),
        (office(&["Fri 08:00-18:00"]), in_order(&[3])),
        (When::default(), in_order(&[4])),
    ]);
    let (miami, manhattan) = (caller(), Caller::Number("+16465550123".to_owned()));
    let planned = lines.plan(&asking(&miami));
    assert_eq!(dialled(&planned), ["+12125550003"]);
    assert_eq!(
        planned.because,
        [
            "route 1 does not suit: it is Fri 12:00 in America/New_York",
            "route 2 does not suit: the caller is from another area",
            "route 3 suits: it is Fri 12:00 in America/New_York",
            "the call goes to +12125550003",
        ]
    );
    assert_eq!(dialled(&lines.plan(&asking(&manhattan))), ["+12125550002"]);
    let withheld = lines.plan(&Asking { time: Timestamp(i64::MAX), ..asking(&Caller::Withheld) });
    assert_eq!(dialled(&withheld), ["+12125550004"]);
    assert!(withheld.because[1].contains("withholds"), "{:?}", withheld.because);
}

#[test]
fn where_no_route_suits_the_destination_is_dialled() {
    let planned = routes(vec![(office(&["Sat"]), in_order(&[1]))]).plan(&asking(&caller()));
    assert_eq!(planned.plan, Plan::connect(DESTINATION));
    assert_eq!(planned.because[1], "no route suits");
}

#[test]
fn a_conditions_parts_must_all_be_true() {
    let both = When { areas: from_area(&["305"]).areas, ..office(&["Sat"]) };
    assert_eq!(dialled(&routes(vec![(both, in_order(&[1]))]).plan(&asking(&caller()))), [DESTINATION]);
    let both = When { areas: from_area(&["305"]).areas, ..office(&["Fri"]) };
    let planned = routes(vec![(both, in_order(&[1]))]).plan(&asking(&caller()));
    assert_eq!(dialled(&planned), ["+12125550001"]);
    assert!(planned.because[0].ends_with("and the caller is from one of its areas"), "{:?}", planned.because);
}

#[test]
fn everything_that_a_route_says_is_in_its_plan() {
    let then = Treatment {
        ring: Some(Ring::Together(numbers(&[1, 2]))),
        timeout: Duration::from_secs(15),
        whisper: Some(Whisper::parse("Call from {source}", "main", "plumber").unwrap()),
        screen: true,
        announce: Some("This call is recorded.".to_owned()),
        record: Record::Announced,
        shows_dialled: true,
        voicemail: Some("Please leave a message.".to_owned()),
        ..Treatment::default()
    };
    let planned = routes(vec![(When::default(), then)]).plan(&asking(&caller()));
    let dial = Dial {
        to: vec!["+12125550001".to_owned(), "+12125550002".to_owned()],
        timeout: Duration::from_secs(15),
        caller_id: Some("+16465550111".to_owned()),
        whisper: Some("Call from google".to_owned()),
        screen: true,
        record: Recording::Record,
    };
    let (say, leave) = ("This call is recorded.".to_owned(), "Please leave a message.".to_owned());
    let steps = vec![Step::Say(say), Step::Dial(dial), Step::Voicemail { say: leave }];
    assert_eq!(planned.plan.steps, steps);
    assert_eq!(planned.because[1], "the call goes to +12125550001 and +12125550002");
    assert_eq!(planned.because[2], "the caller may leave a message, where nobody answers");
}

#[test]
fn a_route_with_only_a_voicemail_is_that() {
    let then = Treatment { voicemail: Some("Please.".to_owned()), ..Treatment::default() };
    let planned = routes(vec![(When::default(), then)]).plan(&asking(&caller()));
    assert_eq!(planned.plan.steps, [Step::Voicemail { say: "Please.".to_owned() }]);
}

#[test]
fn a_route_that_names_nobody_dials_the_destination_in_its_way() {
    let then = Treatment { screen: true, ..Treatment::default() };
    let planned = routes(vec![(When::default(), then)]).plan(&asking(&caller()));
    let [Step::Dial(dial)] = &planned.plan.steps[..] else { panic!("{planned:?}") };
    assert!(dial.screen && dial.to == [DESTINATION]);
}

#[test]
fn who_chooses_nothing_from_a_menu_reaches_the_business_all_the_same() {
    let keys = BTreeMap::from([('1', numbers(&[1])), ('2', numbers(&[2, 3]))]);
    let menu = Some(Menu { say: "Press 1 or 2.".to_owned(), keys });
    let then =
        Treatment { menu: menu.clone(), voicemail: Some("Please.".to_owned()), ..Treatment::default() };
    let planned = routes(vec![(When::default(), then)]).plan(&asking(&caller()));
    let [Step::Menu { keys, .. }, Step::Dial(dial), Step::Voicemail { .. }] = &planned.plan.steps[..] else {
        panic!("{planned:?}")
    };
    assert_eq!(dial.to, [DESTINATION]);
    assert_eq!(keys[&'2'].to, ["+12125550002", "+12125550003"]);
    let others = Treatment { menu, ..in_order(&[4]) };
    assert_eq!(dialled(&routes(vec![(When::default(), others)]).plan(&asking(&caller()))), ["+12125550004"]);
}

#[test]
fn nothing_is_recorded_that_was_neither_announced_nor_agreed_to() {
    let recording = |record, announce: Option<&str>| {
        let then = Treatment { record, announce: announce.map(str::to_owned), ..Treatment::default() };
        let steps = routes(vec![(When::default(), then)]).plan(&asking(&caller())).plan.steps;
        let Some(Step::Dial(dial)) = steps.last() else { panic!("{steps:?}") };
        (dial.record, steps.len(), steps.iter().any(|step| matches!(step, Step::Consent { .. })))
    };
    assert_eq!(recording(Record::Never, Some("Hello.")), (Recording::None, 2, false));
    assert_eq!(recording(Record::Announced, Some("Recorded.")), (Recording::Record, 2, false));
    assert_eq!(recording(Record::Announced, None), (Recording::None, 1, false));
    assert_eq!(recording(Record::Agreed, None), (Recording::IfConsented, 2, true));
    assert_eq!(recording(Record::Agreed, Some("Hello.")), (Recording::IfConsented, 3, true));
}

#[test]
fn a_returning_caller_reaches_whoever_took_the_last_call_where_that_is_asked() {
    let sticky = |sticky| routes(vec![(When::default(), Treatment { sticky, ..in_order(&[1, 2]) })]);
    let caller = caller();
    let asking = Asking { last_taken_by: Some("+12125550002"), ..asking(&caller) };
    let planned = sticky(true).plan(&asking);
    assert_eq!(dialled(&planned), ["+12125550002", "+12125550001"]);
    assert_eq!(planned.because[1], "+12125550002 took this caller's last call");
    assert_eq!(dialled(&sticky(false).plan(&asking)), ["+12125550001", "+12125550002"]);
    let somebody_else = Asking { last_taken_by: Some("+12125550009"), ..asking };
    assert_eq!(dialled(&sticky(true).plan(&somebody_else)), ["+12125550001", "+12125550002"]);
}

#[test]
fn blocked_callers_are_refused_and_suspects_must_press_a_key_first() {
    let (lines, caller) = (routes(vec![(When::default(), in_order(&[1]))]), caller());
    let refused = lines.plan(&Asking { suspect: Suspect::Block, ..asking(&caller) });
    assert!(matches!(refused.plan.steps[..], [Step::Reject(_)]));
    let mut keys = std::collections::BTreeSet::new();
    for chance in (0..100).map(|n: u64| n << 32) {
        let planned = lines.plan(&Asking { suspect: Suspect::Challenge, chance, ..asking(&caller) });
        let [Step::Challenge { say, key }, Step::Dial(_)] = &planned.plan.steps[..] else {
            panic!("{planned:?}")
        };
        assert!(say.contains(*key));
        keys.insert(*key);
    }
    assert_eq!(keys.into_iter().collect::<String>(), "123456789");
}

#[test]
fn no_sentence_names_the_caller() {
    let lines = routes(vec![(from_area(&["305"]), Treatment { sticky: true, ..in_order(&[1]) })]);
    let planned = lines.plan(&Asking { suspect: Suspect::Challenge, ..asking(&caller()) });
    assert!(planned.because.iter().all(|why| !why.contains("3055550123")), "{:?}", planned.because);
}

#[test]
fn a_route_covers_those_that_ask_for_more() {
    let both = When { areas: from_area(&["305"]).areas, ..office(&["Fri"]) };
    assert!(When::default().covers(&both) && office(&["Fri"]).covers(&both) && both.covers(&both));
    assert!(from_area(&["305", "212"]).covers(&both) && from_area(&["+1"]).covers(&both));
    assert!(!both.covers(&When::default()) && !both.covers(&office(&["Fri"])));
    assert!(!office(&["Sat"]).covers(&both) && !from_area(&["212"]).covers(&both));
    assert!(!from_area(&["305"]).covers(&from_area(&["305", "212"])));
}

/// Any number of ten.
fn any_numbers() -> impl Strategy<Value = Vec<PhoneNumber>> {
    prop::collection::vec(0..10_u32, 0..5).prop_map(|last| numbers(&last))
}

fn any_ring() -> impl Strategy<Value = Option<Ring>> {
    let weighted = |numbers: Vec<PhoneNumber>, weights: Vec<u32>| {
        Ring::ByWeight(numbers.into_iter().zip(weights).collect())
    };
    prop_oneof![
        Just(None),
        any_numbers().prop_map(|numbers| Some(Ring::InOrder(numbers))),
        any_numbers().prop_map(|numbers| Some(Ring::Together(numbers))),
        (any_numbers(), prop::collection::vec(any::<u32>(), 5))
            .prop_map(move |(numbers, weights)| Some(weighted(numbers, weights))),
    ]
}

fn any_treatment() -> impl Strategy<Value = Treatment> {
    let menu = prop::option::of(prop::collection::btree_map(
        prop::sample::select(vec!['0', '1', '9', '*', '#']),
        any_numbers(),
        0..4,
    ));
    let record = prop::sample::select(vec![Record::Never, Record::Announced, Record::Agreed]);
    let text = || prop::option::of(".{0,20}");
    (any_ring(), any::<(bool, bool, bool)>(), menu, record, text(), text()).prop_map(
        |(ring, (sticky, screen, shows_dialled), keys, record, announce, voicemail)| Treatment {
            ring,
            sticky,
            timeout: Duration::from_secs(20),
            whisper: Whisper::parse("{source} {medium} {campaign} {channel}", "main", "plumber").ok(),
            screen,
            announce,
            record,
            shows_dialled,
            menu: keys.map(|keys| Menu { say: "Choose.".to_owned(), keys }),
            voicemail,
        },
    )
}

fn any_when() -> impl Strategy<Value = When> {
    prop::sample::select(vec![
        When::default(),
        office(&["Mon-Fri 08:00-18:00", "Fri 22:00-02:00"]),
        office(&[]),
        from_area(&["305"]),
        from_area(&[]),
    ])
}

fn any_caller() -> impl Strategy<Value = Caller> {
    prop_oneof![
        Just(Caller::Withheld),
        (0..10_000_u32).prop_map(|last| Caller::Number(format!("+1305555{last:04}"))),
        ".{0,30}".prop_map(Caller::Other),
    ]
}

/// A dial that somebody can answer.
fn reaches_somebody(dial: &Dial) -> bool {
    !dial.to.is_empty() && dial.to.iter().all(|number| number.starts_with("+1212555"))
}

proptest! {
    #[test]
    fn every_plan_ends_with_somebody_who_is_called_a_voicemail_or_a_refusal(
        parts in prop::collection::vec((any_when(), any_treatment()), 0..4),
        caller in any_caller(),
        (time, chance, last) in (any::<i64>(), any::<u64>(), 0..10_u32),
        suspect in prop::sample::select(vec![Suspect::None, Suspect::Challenge, Suspect::Block]),
        (source, campaign, dialled) in (".{0,60}", ".{0,60}", ".{0,20}"),
    ) {
        let last = format!("+1212555{last:04}");
        let asking = Asking {
            time: Timestamp(time),
            caller: &caller,
            last_taken_by: Some(&last),
            chance,
            dialled: &dialled,
            words: Words { source: Some(&source), campaign: Some(&campaign), ..Words::default() },
            suspect,
        };
        let lines = routes(parts);
        let planned = lines.plan(&asking);
        let steps = &planned.plan.steps;
        prop_assert!(!planned.because.is_empty());
        match steps.last() {
            Some(Step::Dial(_) | Step::Voicemail { .. }) => prop_assert!(suspect != Suspect::Block),
            Some(Step::Reject(_)) => prop_assert!(suspect == Suspect::Block && steps.len() == 1),
            other => prop_assert!(false, "{other:?}"),
        }
        for (place, step) in steps.iter().enumerate() {
            match step {
                Step::Dial(dial) => prop_assert!(reaches_somebody(dial), "{dial:?}"),
                Step::Menu { keys, .. } => {
                    prop_assert!(keys.values().all(reaches_somebody), "{keys:?}");
                    prop_assert!(matches!(steps.get(place + 1), Some(Step::Dial(_))), "{steps:?}");
                }
                _ => {}
            }
        }
        prop_assert_eq!(lines.plan(&asking).plan, planned.plan, "the same call gets the same plan");
    }

    #[test]
    fn weights_come_out_in_proportion(weights in prop::collection::vec(0..6_u32, 1..5), seed in any::<u64>()) {
        let total: u32 = weights.iter().sum();
        prop_assume!(total > 0);
        let weighted = numbers(&[0, 1, 2, 3, 4]).into_iter().zip(weights.iter().copied()).collect();
        let then = Treatment { ring: Some(Ring::ByWeight(weighted)), ..Treatment::default() };
        let (lines, caller) = (routes(vec![(When::default(), then)]), caller());
        let mut chosen = vec![0_u32; weights.len()];
        // Each remainder of the sum comes up as often as any other.
        for chance in 0..u64::from(total) * 10 {
            let planned = lines.plan(&Asking { chance: (seed >> 1) + chance, ..asking(&caller) });
            let all = dialled(&planned);
            prop_assert_eq!(all.len(), weights.len(), "the others follow");
            let last: usize = all[0][8..].parse().unwrap();
            chosen[last] += 1;
        }
        let wanted: Vec<_> = weights.iter().map(|weight| weight * 10).collect();
        prop_assert_eq!(chosen, wanted);
    }
}
