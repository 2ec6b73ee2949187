//! Channels to a tokio task and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;

use crate::ours::task::Tasked;
use crate::port::{Body, read};

/// Messages that a channel holds.
const ROOM: usize = 1024;

/// Expands to a module with the near end of one library's channels, behind which a task sends back or counts.
macro_rules! peer {
    (
        $(#[$doc:meta])* $name:ident:
        $make:expr => ($sender:ty, $receiver:ty);
        near: |$to:ident, $message:ident| $try_send:expr, |$back:ident| $try_receive:expr;
        task: |$inbox:ident| $next:expr, |$outbox:ident, $answer:ident| $send:expr;
    ) => {
        $(#[$doc])*
        pub mod $name {
            use super::*;

            /// The end outside the task.
            pub struct Near {
                to: $sender,
                back: $receiver,
                seen: Arc<AtomicU64>,
            }

            /// Starts a task that sends messages back if `echo`, and counts them otherwise.
            pub fn start(handle: &Handle, echo: bool) -> Near {
                let ((to, inbox), (outbox, back)) = ($make, $make);
                let seen = Arc::new(AtomicU64::new(0));
                handle.spawn(run(inbox, outbox, echo, Arc::clone(&seen)));
                Near { to, back, seen }
            }

            #[allow(unused_mut)]
            async fn run(mut $inbox: $receiver, mut $outbox: $sender, echo: bool, seen: Arc<AtomicU64>) {
                let (mut messages, mut sum) = (0, 0);
                while let Some($answer) = $next {
                    if echo {
                        let _ = $send;
                    } else {
                        sum ^= read(std::hint::black_box(&$answer));
                        messages += 1;
                        seen.store(messages, Ordering::Relaxed);
                    }
                }
                std::hint::black_box(sum);
            }

            impl Tasked for Near {
                fn try_send(&mut self, $message: &Body<8>) -> bool {
                    let $to = &mut self.to;
                    $try_send
                }

                fn try_receive(&mut self) -> bool {
                    let $back = &mut self.back;
                    $try_receive
                }

                fn seen(&self) -> u64 {
                    self.seen.load(Ordering::Relaxed)
                }
            }
        }
    };
}

peer! {
    /// tokio's own channel.
    tokio_mpsc:
    tokio::sync::mpsc::channel(ROOM) => (tokio::sync::mpsc::Sender<Body<8>>, tokio::sync::mpsc::Receiver<Body<8>>);
    near: |to, message| to.try_send(*message).is_ok(), |back| back.try_recv().is_ok();
    task: |inbox| inbox.recv().await, |outbox, answer| outbox.send(answer).await;
}

peer! {
    /// tachyonix.
    tachyonix:
    ::tachyonix::channel(ROOM) => (::tachyonix::Sender<Body<8>>, ::tachyonix::Receiver<Body<8>>);
    near: |to, message| to.try_send(*message).is_ok(), |back| back.try_recv().is_ok();
    task: |inbox| inbox.recv().await.ok(), |outbox, answer| outbox.send(answer).await;
}

peer! {
    /// kanal.
    kanal:
    ::kanal::bounded_async(ROOM) => (::kanal::AsyncSender<Body<8>>, ::kanal::AsyncReceiver<Body<8>>);
    near: |to, message| to.try_send(*message).unwrap_or(false), |back| matches!(back.try_recv(), Ok(Some(_)));
    task: |inbox| inbox.recv().await.ok(), |outbox, answer| outbox.send(answer).await;
}
