//! A row of services that is longer than what a context goes on by at once.

use std::cell::RefCell;

use mycelium_rt::{Emit, Request, routing_config, service};
use mycelium_ui_tests::market::{Bar, Fill, Signal};

thread_local! {
    static CALLED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

fn called(number: u64) {
    CALLED.with_borrow_mut(|called| called.push(number));
}

struct First;

#[service]
impl First {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Signal> + Request<Fill, Reply = Fill>)) {
        called(0);
        cx.emit(&Signal::of(bar.value));
        called(cx.request(&Fill::of(1000)).value);
    }
}

struct Middle(u64);

#[service]
impl Middle {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        called(self.0);
    }
}

struct Last;

#[service]
impl Last {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        called(69);
    }

    #[handle]
    fn on_signal(&mut self, signal: &Signal) {
        called(signal.value);
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) -> Fill {
        Fill::of(fill.value + 1)
    }
}

routing_config! {
    name: Long,
    services: {
        s0: First,
        s1: Middle, s2: Middle, s3: Middle, s4: Middle, s5: Middle, s6: Middle, s7: Middle,
        s8: Middle, s9: Middle, s10: Middle, s11: Middle, s12: Middle, s13: Middle, s14: Middle,
        s15: Middle, s16: Middle, s17: Middle, s18: Middle, s19: Middle, s20: Middle, s21: Middle,
        s22: Middle, s23: Middle, s24: Middle, s25: Middle, s26: Middle, s27: Middle, s28: Middle,
        s29: Middle, s30: Middle, s31: Middle, s32: Middle, s33: Middle, s34: Middle, s35: Middle,
        s36: Middle, s37: Middle, s38: Middle, s39: Middle, s40: Middle, s41: Middle, s42: Middle,
        s43: Middle, s44: Middle, s45: Middle, s46: Middle, s47: Middle, s48: Middle, s49: Middle,
        s50: Middle, s51: Middle, s52: Middle, s53: Middle, s54: Middle, s55: Middle, s56: Middle,
        s57: Middle, s58: Middle, s59: Middle, s60: Middle, s61: Middle, s62: Middle, s63: Middle,
        s64: Middle, s65: Middle, s66: Middle, s67: Middle, s68: Middle,
        s69: Last,
    },
    routes: {
        Bar => [
            s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11,
            s12, s13, s14, s15, s16, s17, s18, s19, s20, s21, s22, s23,
            s24, s25, s26, s27, s28, s29, s30, s31, s32, s33, s34, s35,
            s36, s37, s38, s39, s40, s41, s42, s43, s44, s45, s46, s47,
            s48, s49, s50, s51, s52, s53, s54, s55, s56, s57, s58, s59,
            s60, s61, s62, s63, s64, s65, s66, s67, s68, s69,
        ],
        Signal => [s69],
        Fill => [s69],
    },
}

#[test]
fn seventy_services_are_called_in_their_order_and_the_first_reaches_the_last() {
    let mut long = Long::from(LongServices {
        s0: First,
        s1: Middle(1),
        s2: Middle(2),
        s3: Middle(3),
        s4: Middle(4),
        s5: Middle(5),
        s6: Middle(6),
        s7: Middle(7),
        s8: Middle(8),
        s9: Middle(9),
        s10: Middle(10),
        s11: Middle(11),
        s12: Middle(12),
        s13: Middle(13),
        s14: Middle(14),
        s15: Middle(15),
        s16: Middle(16),
        s17: Middle(17),
        s18: Middle(18),
        s19: Middle(19),
        s20: Middle(20),
        s21: Middle(21),
        s22: Middle(22),
        s23: Middle(23),
        s24: Middle(24),
        s25: Middle(25),
        s26: Middle(26),
        s27: Middle(27),
        s28: Middle(28),
        s29: Middle(29),
        s30: Middle(30),
        s31: Middle(31),
        s32: Middle(32),
        s33: Middle(33),
        s34: Middle(34),
        s35: Middle(35),
        s36: Middle(36),
        s37: Middle(37),
        s38: Middle(38),
        s39: Middle(39),
        s40: Middle(40),
        s41: Middle(41),
        s42: Middle(42),
        s43: Middle(43),
        s44: Middle(44),
        s45: Middle(45),
        s46: Middle(46),
        s47: Middle(47),
        s48: Middle(48),
        s49: Middle(49),
        s50: Middle(50),
        s51: Middle(51),
        s52: Middle(52),
        s53: Middle(53),
        s54: Middle(54),
        s55: Middle(55),
        s56: Middle(56),
        s57: Middle(57),
        s58: Middle(58),
        s59: Middle(59),
        s60: Middle(60),
        s61: Middle(61),
        s62: Middle(62),
        s63: Middle(63),
        s64: Middle(64),
        s65: Middle(65),
        s66: Middle(66),
        s67: Middle(67),
        s68: Middle(68),
        s69: Last,
    });
    long.route_bar(&Bar::of(500));
    let expected: Vec<u64> = [0, 500, 1001].into_iter().chain(1..70).collect();
    assert_eq!(CALLED.take(), expected);
}
