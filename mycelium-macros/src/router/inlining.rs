//! Counts the call paths of a cascade, to decide where inlining is forced.

use super::model::Router;

/// The most call paths of one emission. `inline(always)` copies the code of a service once for each path to it. Beyond this bound, inlining
/// is left to the compiler.
const MOST_PATHS: u64 = 4096;

/// For each route, whether to force the inlining of its deliveries.
///
/// What a handler emits is unknown here, so every service is assumed to emit all that it may. The estimate is too high for most routers,
/// but it bounds the code of dense ones.
pub(super) fn forced(router: &Router) -> Vec<bool> {
    let below = paths_from(router);
    let paths = |route: usize| emission(router, route, &below);
    (0..router.routes.len()).map(|route| paths(route) <= MOST_PATHS).collect()
}

/// For each service, the number of paths that begin with a call of it.
fn paths_from(router: &Router) -> Vec<u64> {
    let mut below = vec![1; router.services.len()];
    let firsts: Vec<usize> = router.routes.iter().map(|route| router.first_receiver(route)).collect();
    for service in (0..router.services.len()).rev() {
        let emitted = (0..router.routes.len()).filter(|route| firsts[*route] > service);
        below[service] = emitted.fold(1, |sum: u64, route| sum.saturating_add(emission(router, route, &below)));
    }
    below
}

fn emission(router: &Router, route: usize, below: &[u64]) -> u64 {
    router.routes[route].direct().fold(0, |sum: u64, service| sum.saturating_add(below[service]))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::errors::Errors;
    use crate::features::Features;
    use crate::router::{Input, check, parse};

    fn forced_in(services: usize, receivers: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
        let name = |index: usize| quote::format_ident!("s{index}");
        let fields = (0..services).map(name);
        let routes = (0..services).map(|index| {
            let message = quote::format_ident!("M{index}");
            let receivers = receivers(index).into_iter().map(name);
            quote!(#message => [#(#receivers),*])
        });
        let errors = Errors::new();
        let config = quote!(name: X, services: { #(#fields: S),* }, routes: { #(#routes),* });
        let input = Input::with(config, Features::ALL);
        let router = check::check(parse::parse(&input, &errors), input.features, &errors);
        assert!(errors.is_empty());
        drop(errors.finish());
        router.map(|router| forced(&router)).unwrap_or_default()
    }

    #[test]
    fn a_chain_of_ten_is_inlined_completely() {
        assert!(forced_in(10, |index| vec![index]).into_iter().all(|forced| forced));
    }

    #[test]
    fn a_dense_graph_is_forced_only_near_its_end() {
        let forced = forced_in(16, |index| (index..16).collect());
        assert!(!forced[0] && forced[15]);
    }

    #[test]
    fn the_count_of_a_huge_graph_saturates() {
        assert!(!forced_in(64, |index| (index..64).collect())[0]);
    }
}
