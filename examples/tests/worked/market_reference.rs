//! The market example against a second computation: plain loops, own parser, no router, no messages.

use std::collections::VecDeque;
use std::process::Command;

use contracts::Index;
use mycelium_examples::market::input;
use mycelium_examples::market::router::desk;
use mycelium_examples::market::summary::Summary;

const SP500: &str = include_str!("../../data/sp500.csv");
const NASDAQ: &str = include_str!("../../data/nasdaq.csv");

/// What the desk should come to.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    signals: u64,
    fills: u64,
    breaches: u64,
    /// Millionths of a dollar.
    profit_and_loss: i128,
}

/// Closes of one file in millionths, by row.
fn closes(csv: &str) -> Vec<i128> {
    csv.lines().skip(1).map(|line| millionths(line.split(',').nth(4).unwrap())).collect()
}

fn millionths(price: &str) -> i128 {
    let (whole, fraction) = price.split_once('.').unwrap_or((price, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap()
}

/// The rules of the desk, written down once more from their description.
fn simulate(sp500: &[i128], nasdaq: &[i128]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut window: VecDeque<(i128, i128)> = VecDeque::new();
    let (mut level, mut cap) = (0_i128, 3_i128);
    let (mut held_sp500, mut held_nasdaq, mut cash) = (0_i128, 0_i128, 0_i128);
    for (&s, &n) in sp500.iter().zip(nasdaq) {
        if window.len() == 64 {
            let mean_s: i128 = window.iter().map(|day| day.0).sum();
            let mean_n: i128 = window.iter().map(|day| day.1).sum();
            // By how many per cent n/s is above mean_n/mean_s, as a fraction.
            let (above, of) = ((n * mean_s - s * mean_n) * 100, s * mean_n);
            let side = if above < 0 { -1 } else { 1 };
            if level * side < 0 {
                cap = 3;
            }
            let bands = (above.abs() / (3 * of)).min(3).min(cap);
            let wanted = if bands > level * side {
                bands * side
            } else if level * side > 0 {
                level
            } else {
                0
            };
            if wanted != level {
                outcome.signals += 2;
                if wanted.abs() > 2 {
                    outcome.breaches += 2;
                    cap = level.abs().max(1);
                } else {
                    for (held, target, price) in
                        [(&mut held_sp500, -30 * wanted, s), (&mut held_nasdaq, 10 * wanted, n)]
                    {
                        let change = target - *held;
                        if change != 0 {
                            cash -= change * price + change.abs() * 50_000;
                            outcome.fills += 1;
                        }
                        *held = target;
                    }
                    level = wanted;
                }
            }
            window.pop_front();
        }
        window.push_back((s, n));
    }
    outcome.profit_and_loss = cash + held_sp500 * sp500.last().unwrap() + held_nasdaq * nasdaq.last().unwrap();
    outcome
}

fn reference() -> Outcome {
    simulate(&closes(SP500), &closes(NASDAQ))
}

fn decimal(millionths: i128) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", millionths.abs() / 1_000_000, millionths.abs() % 1_000_000)
}

#[test]
fn router_agrees_with_plain_loops() {
    let sp500 = input::read(Index::Sp500, SP500.as_bytes()).unwrap();
    let nasdaq = input::read(Index::Nasdaq, NASDAQ.as_bytes()).unwrap();
    assert!(sp500.rejected.is_empty() && nasdaq.rejected.is_empty());
    let mut market = desk();
    for bar in input::merge(&sp500.bars, &nasdaq.bars) {
        market.route_bar(&bar);
    }
    let summary = Summary::of(&market.ledger, &market.report);
    let routed = Outcome {
        signals: summary.report.signals,
        fills: summary.fills,
        breaches: summary.report.breaches,
        profit_and_loss: i128::from(summary.profit_and_loss.unwrap().0),
    };
    assert_eq!(routed, reference());
    assert!(routed.fills > 0 && routed.breaches > 0, "the data must exercise fills and breaches: {routed:?}");
    assert_eq!(summary.report.bars, 2 * 5031);
    assert_eq!(summary.report.orders, routed.fills);
    assert_eq!(summary.report.fills, routed.fills);
}

#[test]
fn program_prints_the_same_figures_once_each() {
    let output = Command::new(env!("CARGO_BIN_EXE_market")).args(["--runs", "1"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let starting = |word: &str| stdout.lines().filter(|line| line.starts_with(word)).collect::<Vec<_>>();
    let expected = reference();
    assert_eq!(starting("fills"), [format!("fills {}", expected.fills)]);
    assert_eq!(starting("profit and loss"), [format!("profit and loss {}", decimal(expected.profit_and_loss))]);
    assert_eq!(starting("route cost").len(), 1);
}
