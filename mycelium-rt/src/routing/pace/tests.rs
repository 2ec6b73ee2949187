use std::time::Duration;

use proptest::prelude::*;

use super::*;

const PERIOD: u64 = 10;

const PACES: [Pace; 3] = {
    let period = Duration::from_nanos(PERIOD);
    [Pace::Sample(period), Pace::Throttle(period), Pace::Debounce(period)]
};

fn spec(pace: Pace, keys: usize) -> &'static PaceSpec {
    Box::leak(Box::new(PaceSpec { message: "Tick", receiver: "view", pace, keys }))
}

fn at(nanos: u64) -> Moment {
    Moment(Ticks(nanos))
}

/// A message at each of these times, with its key. Its value is its index.
type Stream = [(u64, u64)];

/// What comes out, as pairs of key and value, of a pace that is looked after before the messages at these indices, and at the end of time.
fn paced(pace: Pace, keys: usize, stream: &Stream, looks: &[usize]) -> (Vec<(u64, usize)>, PaceCounts) {
    let mut paced = Paced::new(spec(pace, keys), true);
    let mut out = Vec::new();
    for (value, (now, key)) in stream.iter().copied().enumerate() {
        if looks.contains(&value) {
            while let Some(due) = paced.due(at(now)) {
                out.push(due);
            }
            assert!(paced.next_due() > at(now));
        }
        match paced.offer(at(now), key, &(key, value)) {
            Verdict::Pass => out.push((key, value)),
            Verdict::Late(late) => out.push(late),
            Verdict::Hold | Verdict::Drop => {}
        }
    }
    assert_eq!(paced.held() == 0, paced.next_due() == Moment::NEVER);
    while let Some(due) = paced.due(Moment::NEVER) {
        out.push(due);
    }
    assert_eq!((paced.held(), paced.next_due()), (0, Moment::NEVER));
    (out, paced.counted().expect("it is here").1)
}

/// The values of one key that come out.
fn model(pace: Pace, stream: &Stream, key: u64) -> Vec<usize> {
    let own: Vec<(usize, u64)> = stream
        .iter()
        .enumerate()
        .filter(|(_, (_, other))| *other == key)
        .map(|(value, (now, _))| (value, *now))
        .collect();
    let mut over = 0;
    let kept = own.iter().enumerate().filter(|(index, (_, now))| {
        let next = own.get(index + 1).map(|(_, next)| *next);
        match pace {
            Pace::Sample(_) => next.is_none_or(|next| next / PERIOD > now / PERIOD),
            Pace::Debounce(_) => next.is_none_or(|next| next >= now + PERIOD),
            Pace::Throttle(_) => {
                let passes = *now >= over;
                if passes {
                    over = now + PERIOD;
                }
                passes
            }
        }
    });
    kept.map(|(_, (value, _))| *value).collect()
}

fn streams() -> impl Strategy<Value = Vec<(u64, u64)>> {
    proptest::collection::vec((0..15u64, 0..5u64), 0..60).prop_map(|steps| {
        let mut now = 0;
        steps
            .into_iter()
            .map(|(pause, key)| {
                now += pause;
                (now, key)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn each_key_gets_what_the_model_gets_whenever_turns_are_taken(
        stream in streams(),
        looks in proptest::collection::vec(0..60usize, 0..60),
        pace in prop::sample::select(&PACES[..]),
    ) {
        let (out, counts) = paced(pace, 5, &stream, &looks);
        for key in 0..5 {
            let of_key: Vec<usize> = out.iter().filter(|(other, _)| *other == key).map(|(_, value)| *value).collect();
            prop_assert_eq!(of_key, model(pace, &stream, key), "{:?}, key {}", pace, key);
        }
        prop_assert_eq!(out.len() as u64 + counts.thinned, stream.len() as u64);
        prop_assert_eq!(counts.too_many_keys, 0);
    }

    #[test]
    fn with_too_little_room_each_message_is_still_accounted_for(
        stream in streams(),
        looks in proptest::collection::vec(0..60usize, 0..60),
        pace in prop::sample::select(&PACES[..]),
        room in 1..5usize,
    ) {
        let (mut out, counts) = paced(pace, room, &stream, &looks);
        prop_assert_eq!(out.len() as u64 + counts.thinned, stream.len() as u64);
        out.sort_unstable_by_key(|(_, value)| *value);
        out.dedup();
        prop_assert_eq!(out.len() as u64 + counts.thinned, stream.len() as u64, "none comes out twice");
    }

    #[test]
    fn what_is_due_comes_in_the_order_of_due_times(stream in streams(), pace in prop::sample::select(&PACES[..])) {
        let mut paced = Paced::new(spec(pace, 5), true);
        for (now, key) in stream {
            paced.offer(at(now), key, &now);
        }
        let mut last = at(0);
        while paced.next_due() != Moment::NEVER {
            prop_assert!(paced.next_due() >= last);
            last = paced.next_due();
            prop_assert!(paced.due(last).is_some());
        }
    }
}

#[test]
fn a_key_that_finds_no_room_passes_until_another_is_over() {
    let mut throttle = Paced::new(spec(PACES[1], 1), true);
    let verdicts =
        [(0, 7), (1, 8), (2, 7), (10, 8), (11, 7), (12, 8)].map(|(now, key)| throttle.offer(at(now), key, &()));
    assert_eq!(verdicts, [Verdict::Pass, Verdict::Pass, Verdict::Drop, Verdict::Pass, Verdict::Pass, Verdict::Drop]);
    assert_eq!(throttle.counted().unwrap().1, PaceCounts { thinned: 2, too_many_keys: 2 });
    assert_eq!((throttle.due(Moment::NEVER), throttle.next_due()), (None, Moment::NEVER), "it holds nothing");
}

#[test]
fn with_a_clock_that_is_set_back_time_stands_still() {
    let mut debounce = Paced::new(spec(PACES[2], 2), true);
    assert_eq!(debounce.offer(at(100), 0, &'a'), Verdict::Hold);
    assert_eq!(debounce.offer(at(0), 1, &'b'), Verdict::Hold);
    assert_eq!(debounce.due(at(109)), None);
    assert_eq!([debounce.due(at(110)), debounce.due(at(110))], [Some('a'), Some('b')]);
}

#[test]
fn the_end_of_time_is_no_period() {
    for pace in PACES {
        let mut paced = Paced::new(spec(pace, 1), true);
        paced.offer(at(u64::MAX - 1), 0, &'a');
        assert_eq!(paced.next_due(), Moment::NEVER);
    }
}
