use super::*;

const MS: u64 = 1_000_000;

/// The number of ticks that are called at these times, in milliseconds, and the number that is missed.
fn ticks(period: u64, times: &[u64]) -> (usize, u64) {
    let mut ticking = Ticking::new(Duration::from_millis(period), Ticks(0));
    let (mut called, mut missed) = (0, 0);
    for now in times.iter().map(|ms| Ticks(ms * MS)) {
        while now.has_reached(ticking.due()) {
            missed += ticking.advance(now);
            called += 1;
        }
    }
    (called, missed)
}

#[test]
fn each_tick_is_called_or_missed() {
    for period in [1, 2, 3, 7, 10, 11, 100, 250] {
        for pause in [1, 2, 3, 9, 10, 11, 12, 25, 99, 100, 101, 350, 1_000] {
            let times: Vec<u64> = (1..=50).map(|turn| turn * pause).collect();
            let (called, missed) = ticks(period, &times);
            assert_eq!(called as u64 + missed, 50 * pause / period, "every {period} ms, looked at every {pause} ms");
            if pause < period.max(10) {
                assert_eq!(missed, 0, "every {period} ms, looked at every {pause} ms");
            }
        }
    }
}

#[test]
fn ticks_that_are_late_by_a_long_period_are_skipped() {
    assert_eq!(ticks(100, &[100, 450, 500]), (3, 2));
    assert_eq!(ticks(250, &[1_500]), (1, 5));
    assert_eq!(ticks(1, &[1, 100]), (11, 89));
}

#[test]
fn ticks_end_at_the_end_of_time() {
    for period in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), Duration::MAX] {
        let mut ticking = Ticking::new(period, Ticks(0));
        for now in [Ticks(0), Ticks(1), Ticks(u64::MAX - 1), Ticks::NEVER] {
            let due = ticking.due();
            ticking.advance(now);
            assert!(ticking.due() >= due);
        }
    }
}

#[test]
fn a_source_is_called_as_often_as_its_weight_says() {
    static SOURCES: [Source; 3] = [
        Source { method: "one", weight: 1, emits: &[] },
        Source { method: "four", weight: 4, emits: &[] },
        Source { method: "seldom", weight: 64, emits: &[] },
    ];
    let mut queue = TimerQueue::new();
    queue.add(0, "feed", &SOURCES, &[], Ticks(0));
    let mut calls = [0_u32; 3];
    let missed = Counter::default();
    let done = queue.turn::<()>(
        || Ticks(0),
        false,
        &missed,
        |item| {
            let Due::Source(index) = item.due else { unreachable!("there are no timers") };
            calls[index] += 1;
            Ok(if index == 2 && calls[2] == 3 { SourceState::Idle } else { SourceState::Ready })
        },
    );
    assert_eq!((done, calls), (Ok(16 + 64 + 2), [16, 64, 3]));
}
