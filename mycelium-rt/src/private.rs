//! Everything that only generated code and the macros name. None of it is stable: generator, macros and runtime depend on each other in exactly
//! one version.

pub use ::core;

pub use crate::message::private::*;
pub use crate::reading::{
    AnyBits, Field, Readable, any_bits, assert_count, assert_next, holds_field, is_variant, nowhere, tag,
};
pub use crate::{
    __readable as readable, __readable_enum as readable_enum, __readable_large_enum as readable_large_enum,
    __readable_oneof as readable_oneof,
};

/// The parts of routers and services.
pub mod routing {
    pub use crate::clock::ClockSource;
    #[cfg(feature = "lanes")]
    pub use crate::link::closing::{Closes, linger};
    #[cfg(all(feature = "lanes", not(all(test, mycelium_loom))))]
    pub use crate::link::closing::{close_links, close_within};
    #[cfg(all(feature = "lanes", not(all(test, mycelium_loom))))]
    pub use crate::link::queue::{
        Full as QueueFull, QueueReceiver, QueueSender, back_queue, largest, outbox, queue, queued,
    };
    pub use crate::policy::OnFull;
    pub use crate::routing::checks::{
        NoReply, Replier, ReplyProbe, check_distinct_contracts, check_distinct_id, check_excuse, check_handlers,
        check_reached, check_replies, common_schema, first_of_ids,
    };
    pub use crate::routing::core::Core;
    pub use crate::routing::dispatch::{Delivery, NoDelivery, deliver, deliver_batch};
    pub use crate::routing::handed::{Gathered, Kept, SideBySide, any, any_of, takes_batches};
    pub use crate::routing::local::{Budget, Edge, LocalQueue, LocalQueueOf, Losses, Next, NoLocal, Waiting};
    pub use crate::routing::no_service::{Choice, Choose, NoService, Probe};
    pub use crate::routing::order::{AtMost, Elsewhere, One, OtherThan, SameAs, Zero};
    pub use crate::routing::outcome::{failed, hook_result};
    pub use crate::routing::room::{HasRoom, Room, RoomFor, check_room, is_inline};
    pub use crate::routing::service::Unfinished;
    pub use crate::routing::turn::{DueWork, Opened, Program, ServiceWork, Unwatched, Watch, poll};
}

/// The parts of lanes.
#[cfg(all(feature = "lanes", not(all(test, mycelium_loom))))]
pub mod lane {
    pub use crate::lane::dead_letter::LaneWatch;
    pub use crate::lane::generated::*;
    pub use crate::lane::held::{Absent, Always, Elsewhere, Ends, Held, Here, Owned, Present, Sometimes, Spot};
    pub use crate::lane::park::{Parking, Waits};
    pub use crate::lane::start::Opening;
    pub use crate::lane::topology::{InputNode, Receiver, RoutedTo, ServiceNode, Solved, Topology, WaitFor};
    pub use crate::lane::{
        Arrival, LaneProgram, LaneSpec, Launcher, OnPanic, Place, Restart, RingKind, RingSpec, Routed, RouterSpec,
        ServiceSpec, Wait,
    };
    pub use crate::link::closing::{Left, close_links};
    #[cfg(feature = "tokio")]
    pub use crate::task::spawn::prepare as prepare_task;
    #[cfg(feature = "tokio")]
    pub use crate::task::tasked::{Tasked, begin_task, end_task, give_back, is_pending, shut_task_down, start_task_up};
}
