//! Lanes of real-time priority. A program of its own, since locked memory is that of the whole process.
#![forbid(unsafe_code)]
#![cfg(target_os = "linux")]

use std::time::Duration;

use mycelium_rt::lane::StartError;
use mycelium_rt::{Config, routing_config, service};
use mycelium_ui_tests::market::Bar;

/// What the kernel says of the thread that calls the handler.
#[derive(Default)]
struct Control {
    priority: String,
    policy: String,
    locked: String,
    priority_of_another: String,
}

#[service]
impl Control {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {
        (self.priority, self.policy) = scheduling();
        self.priority_of_another = std::thread::spawn(|| scheduling().0).join().unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        self.locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim().to_owned();
    }
}

/// The real-time priority and the policy of this thread: fields 40 and 41 of `proc_pid_stat(5)`.
fn scheduling() -> (String, String) {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let mut after_name = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(37);
    let mut next = || after_name.next().unwrap().to_owned();
    (next(), next())
}

routing_config! {
    name: Desk,
    services: { control: Control },
    routes: { Bar => [control] },
    lanes: { first: pinned(core = 0, fifo = 7, mlock) [control] },
}

#[test]
fn a_lane_gets_what_it_asks_of_the_kernel_or_an_error_that_says_what_is_missing() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    let core = allowed.split(['-', ',']).next().unwrap().parse().unwrap();
    match Desk::start(DeskServices { control: Control::default() }, &Config::new().core("first", core)) {
        Ok(running) => {
            running.sender::<Bar>().send(&Bar::default()).unwrap();
            let control = running.shutdown(Duration::from_secs(10)).services.control;
            // SCHED_FIFO is 1.
            assert_eq!((control.priority.as_str(), control.policy.as_str()), ("7", "1"));
            assert_eq!(control.priority_of_another, "0", "threads that it starts have ordinary priority");
            assert_ne!(control.locked, "0 kB");
        }
        Err(error @ StartError::RealTime { .. }) => {
            let text = error.to_string();
            let mlock = "lane `first`: this process may not use `mlock`, which needs the capability CAP_IPC_LOCK";
            let fifo = "lane `first`: this process may not use `fifo = 7`, which needs the capability CAP_SYS_NICE";
            assert!(text.starts_with(mlock) || text.starts_with(fifo), "{text}");
        }
        Err(other) => panic!("{other}"),
    }
}
