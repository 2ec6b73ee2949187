//! The ends that a lane, or a router that its owner drives, sends by.

use super::{into, to};
use crate::router::expand::plan::{Plan, at_call_site};

/// The fields of the sending ends of rings to other lanes: one to each lane, and one into each queue.
pub(in crate::router::expand) fn rings(plan: &Plan<'_>) -> Vec<proc_macro2::Ident> {
    let lanes = plan.router.lanes.iter().map(to);
    let queues = plan.router.queues.iter().filter(|_| !plan.router.lanes.is_empty());
    lanes.chain(queues.map(|queue| into(plan, queue.service))).collect()
}

/// Every field through which it sends to somebody who has to be told when it is idle.
pub(in crate::router::expand) fn senders(plan: &Plan<'_>) -> Vec<proc_macro2::Ident> {
    let links = plan.router.links.iter().map(|link| at_call_site(&link.name));
    let tasks = plan.router.tasks.iter().map(|task| plan.field(task.service));
    links.chain(tasks).chain(rings(plan)).collect()
}
