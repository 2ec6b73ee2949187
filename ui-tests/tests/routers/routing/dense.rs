//! A router in which everything leads to everything: sixteen services, each of which emits to all after it.
//!
//! Inlining that is forced everywhere could copy the last service once for each of 16,384 paths; that this compiles at once
//! is half of the test.

use mycelium_rt::{Emit, routing_config, service};
use mycelium_ui_tests::dense::{M1, M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16};

macro_rules! services {
    ($($name:ident handles $handled:ident emits [$($emitted:ident),*];)*) => {$(
        #[derive(Default)]
        struct $name {
            calls: u64,
        }

        #[service]
        impl $name {
            #[handle]
            #[allow(unused_parens)]
            fn on_message(&mut self, message: &$handled, cx: &mut (impl Sized $(+ Emit<$emitted>)*)) {
                let _ = &cx;
                self.calls += message.value;
                $(cx.emit(&$emitted::of(message.value));)*
            }
        }
    )*};
}

services! {
    S1 handles M1 emits [M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S2 handles M2 emits [M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S3 handles M3 emits [M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S4 handles M4 emits [M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S5 handles M5 emits [M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S6 handles M6 emits [M7, M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S7 handles M7 emits [M8, M9, M10, M11, M12, M13, M14, M15, M16];
    S8 handles M8 emits [M9, M10, M11, M12, M13, M14, M15, M16];
    S9 handles M9 emits [M10, M11, M12, M13, M14, M15, M16];
    S10 handles M10 emits [M11, M12, M13, M14, M15, M16];
    S11 handles M11 emits [M12, M13, M14, M15, M16];
    S12 handles M12 emits [M13, M14, M15, M16];
    S13 handles M13 emits [M14, M15, M16];
    S14 handles M14 emits [M15, M16];
    S15 handles M15 emits [M16];
    S16 handles M16 emits [];
}

routing_config! {
    name: #[derive(Default)] Dense,
    routes: {
        M1 => [S1], M2 => [S2], M3 => [S3], M4 => [S4], M5 => [S5], M6 => [S6], M7 => [S7], M8 => [S8],
        M9 => [S9], M10 => [S10], M11 => [S11], M12 => [S12], M13 => [S13], M14 => [S14], M15 => [S15], M16 => [S16],
    },
}

#[test]
fn every_path_is_taken() {
    let mut router = Dense::default();
    router.route_m1(&M1::of(1));
    assert_eq!(router.s16.calls, 1 << 14);
    assert_eq!((router.s1.calls, router.s2.calls, router.s10.calls), (1, 1, 1 << 8));
}
