use core::fmt::{self, Display};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use super::Recorder;
use crate::routing::{Clock, ReportFailure};
use crate::{Emit, Message, Request, TimestampNs};

/// A [`Recorder`] that answers requests of type `Q`, and records them too; made by [`Recorder::replying`].
pub struct Replying<Q, F> {
    recorder: Recorder,
    reply: F,
    question: PhantomData<fn(&Q)>,
}

impl<Q, F> Replying<Q, F> {
    pub(super) fn new(recorder: Recorder, reply: F) -> Self {
        Self { recorder, reply, question: PhantomData }
    }
}

impl<Q: Message, R, F: FnMut(&Q) -> R> Request<Q> for Replying<Q, F> {
    type Reply = R;

    fn request(&mut self, question: &Q) -> R {
        self.recorder.emit(question);
        (self.reply)(question)
    }
}

impl<M: Message, Q, F> Emit<M> for Replying<Q, F> {
    fn emit(&mut self, message: &M) {
        self.recorder.emit(message);
    }
}

impl<Q, F> Clock for Replying<Q, F> {
    fn now(&self) -> TimestampNs {
        self.recorder.now()
    }
}

impl<Q, F> ReportFailure for Replying<Q, F> {
    fn report_failure(&mut self, message: &'static str, error: &dyn Display) {
        self.recorder.report_failure(message, error);
    }
}

impl<Q, F> Deref for Replying<Q, F> {
    type Target = Recorder;

    fn deref(&self) -> &Recorder {
        &self.recorder
    }
}

impl<Q, F> DerefMut for Replying<Q, F> {
    fn deref_mut(&mut self) -> &mut Recorder {
        &mut self.recorder
    }
}

impl<Q, F> fmt::Debug for Replying<Q, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replying").field("recorder", &self.recorder).finish_non_exhaustive()
    }
}
