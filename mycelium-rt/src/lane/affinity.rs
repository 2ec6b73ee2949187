//! Which core a lane runs on, and before whom.

use super::error::StartError;
use super::spec::{LaneSpec, Place, Wait};
use crate::Config;
use crate::sys;

/// The lanes, each with the core that the configuration gives it, if it gives one.
///
/// # Errors
/// It gives a core to a lane that is not pinned.
pub(super) fn placed(declared: &[LaneSpec], config: &Config) -> Result<Vec<LaneSpec>, StartError> {
    let mut lanes = declared.to_vec();
    for (name, &given) in config.cores() {
        let pinned = lanes.iter_mut().filter(|lane| lane.name == name).find_map(|lane| match &mut lane.place {
            Place::Pinned { core, .. } => Some(core),
            Place::Thread { .. } | Place::Tokio => None,
        });
        match pinned {
            Some(core) => *core = given,
            None => {
                return Err(StartError::NotPinned { lane: name.clone(), core: given, pinned: pinned_names(declared) });
            }
        }
    }
    Ok(lanes)
}

fn pinned_names(lanes: &[LaneSpec]) -> String {
    let names: Vec<_> = lanes.iter().filter(|lane| core_of(lane).is_some()).map(|lane| lane.name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Refuses a lane that is pinned to a core that this process may not use, and two lanes that spin on one core.
///
/// # Errors
/// The first such lane; or the allowed cores can't be read.
pub(super) fn check(lanes: &[LaneSpec]) -> Result<(), StartError> {
    let Some(first) = lanes.iter().find(|lane| core_of(lane).is_some()) else { return Ok(()) };
    let allowed = sys::allowed_cores().map_err(|error| StartError::Io {
        lane: first.name,
        action: "read the allowed cores",
        source: error,
    })?;
    check_against(lanes, &allowed)
}

fn check_against(lanes: &[LaneSpec], allowed: &[usize]) -> Result<(), StartError> {
    for (index, lane) in lanes.iter().enumerate() {
        let Some(core) = core_of(lane) else { continue };
        if !allowed.contains(&core) {
            return Err(StartError::Core { lane: lane.name, core, allowed: ranges(allowed) });
        }
        if spins(lane) && lane.real_time.fifo.is_some() {
            if let [_] = allowed {
                return Err(StartError::OnlyCore { lane: lane.name, core });
            }
            if let Some(other) = lanes.iter().find(|other| other.name != lane.name && core_of(other) == Some(core)) {
                return Err(StartError::SharedCore { lane: lane.name, other: other.name, core });
            }
        }
        let earlier = lanes.iter().take(index).find(|earlier| spins(earlier) && core_of(earlier) == Some(core));
        if let Some(first) = earlier.filter(|_| spins(lane)) {
            return Err(StartError::TwoSpinners { core, first: first.name, second: lane.name });
        }
    }
    Ok(())
}

/// Asks the kernel for what the lane wants, for the calling thread, which drives it.
///
/// # Errors
/// The process may not have it.
pub(super) fn begin_real_time(lane: &LaneSpec) -> Result<(), StartError> {
    let refused = |option: String, needs: String, error| StartError::RealTime { lane: lane.name, option, needs, error };
    if lane.real_time.mlock {
        let needs = || "the capability CAP_IPC_LOCK, or a larger limit of locked memory (`ulimit -l`)".to_owned();
        sys::lock_memory().map_err(|error| refused("mlock".to_owned(), needs(), error))?;
    }
    if let Some(priority) = lane.real_time.fifo {
        let needs =
            || format!("the capability CAP_SYS_NICE, or a limit of real-time priority (`ulimit -r`) of {priority}");
        sys::run_first(priority).map_err(|error| refused(format!("fifo = {priority}"), needs(), error))?;
    }
    Ok(())
}

fn core_of(lane: &LaneSpec) -> Option<usize> {
    match lane.place {
        Place::Pinned { core, .. } => Some(core),
        Place::Thread { .. } | Place::Tokio => None,
    }
}

fn spins(lane: &LaneSpec) -> bool {
    matches!(lane.place, Place::Pinned { wait: Wait::Spin, .. })
}

/// `0-3, 6`
fn ranges(cores: &[usize]) -> String {
    let runs = cores.chunk_by(|left, right| left + 1 == *right);
    let texts = runs.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first == last => Some(first.to_string()),
        (first, last) => Some(format!("{first}-{last}")),
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::spec::RealTime;

    fn pinned(name: &'static str, core: usize, wait: Wait) -> LaneSpec {
        LaneSpec { place: Place::Pinned { core, wait }, ..LaneSpec::thread(name) }
    }

    fn error(lanes: &[LaneSpec], allowed: &[usize]) -> Option<String> {
        check_against(lanes, allowed).err().map(|error| error.to_string())
    }

    #[test]
    fn an_error_about_a_core_names_those_that_are_allowed() {
        let lanes = [LaneSpec::thread("io"), pinned("hot", 7, Wait::Spin)];
        let text = "lane `hot`: core 7 is not one that this process may use; it may use 0-2, 5";
        assert_eq!(error(&lanes, &[0, 1, 2, 5]).as_deref(), Some(text));
        assert_eq!(error(&lanes, &[7]), None);
    }

    #[test]
    fn a_lane_that_runs_first_and_never_sleeps_has_a_core_of_its_own() {
        let first =
            |wait| LaneSpec { real_time: RealTime { fifo: Some(80), mlock: false }, ..pinned("first", 1, wait) };
        let other = |core| pinned("other", core, Wait::PARK);
        let only = "lane `first` says `fifo` and `wait = spin`, and core 1 is the only one that this process may use: \
                    no other thread would run; let it wait by `park`";
        assert_eq!(error(&[first(Wait::Spin)], &[1]).as_deref(), Some(only));
        assert_eq!(error(&[first(Wait::PARK)], &[1]), None);
        let shared = "lane `first` says `fifo` and `wait = spin`, so lane `other`, which is pinned to core 1 as well, \
                      would never run: give each a core of its own";
        assert_eq!(error(&[first(Wait::Spin), other(1)], &[0, 1]).as_deref(), Some(shared));
        assert_eq!(error(&[other(1), first(Wait::Spin)], &[0, 1]).as_deref(), Some(shared));
        assert_eq!(error(&[first(Wait::Spin), other(0)], &[0, 1]), None);
        assert_eq!(error(&[first(Wait::PARK), other(1)], &[0, 1]), None);
    }

    #[test]
    fn two_lanes_that_spin_on_one_core_are_refused_and_other_pairs_are_not() {
        let text =
            "lanes `a` and `b` both spin on core 1: give each a core of its own, or let one of them wait by `park`";
        let pair = |core, wait| [pinned("a", 1, Wait::Spin), pinned("b", core, wait)];
        assert_eq!(error(&pair(1, Wait::Spin), &[0, 1]).as_deref(), Some(text));
        assert_eq!(error(&pair(0, Wait::Spin), &[0, 1]), None);
        assert_eq!(error(&pair(1, Wait::PARK), &[0, 1]), None);
        assert_eq!(error(&pair(1, Wait::Yield), &[0, 1]), None);
    }

    #[cfg(all(target_os = "linux", not(mycelium_portable)))]
    #[test]
    fn a_pinned_thread_runs_nowhere_else() {
        let allowed = sys::allowed_cores().unwrap();
        let last = *allowed.last().unwrap();
        let cores = std::thread::spawn(move || {
            sys::pin(last).unwrap();
            sys::allowed_cores().unwrap()
        });
        assert_eq!(cores.join().unwrap(), [last]);
    }
}
