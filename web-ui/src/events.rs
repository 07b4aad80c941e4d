//! The live stream (server-sent events): the view whenever it changes, and a beat that proves the line is alive.

use crate::described::Unavailable;
use crate::entry::guard::{self, Signed};
use crate::entry::users::Right;
use crate::problem::{Problem, say};
use crate::routes::Shared;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures_util::{StreamExt, stream};
use gateway_core::view::View;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

/// Streams at once; a desk holds one.
const MOST: usize = 64;

/// How often a beat is sent; a desk that hears nothing for three of them says that it has lost the station.
const BEAT: Duration = Duration::from_secs(10);

/// Shortest time between two views: a burst of steps is one picture.
const SPACING: Duration = Duration::from_millis(100);

/// A stream ends after this; the browser comes back by itself, and its session is looked at again.
const LONGEST: Duration = Duration::from_secs(600);

/// How many streams may still be opened.
pub(crate) struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

struct Stream {
    view: watch::Receiver<Arc<View>>,
    beat: Interval,
    next_at: Instant,
    ends_at: Instant,
    _place: OwnedSemaphorePermit,
}

/// Server-sent events: the view at once and after each change
///
/// `air` carries a View; `beat` comes every 10 s. The stream ends after 10 minutes, and the browser comes back.
#[utoipa::path(get, path = "/api/v1/events", responses(
    (status = 200, description = "The stream.", body = String, content_type = "text/event-stream"),
    Unavailable,
))]
pub(crate) async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(by): Extension<Signed>,
) -> Result<impl IntoResponse, Problem> {
    let place = Arc::clone(&shared.streams.0).try_acquire_owned().map_err(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            say("Quá nhiều màn hình đang mở", "Too many screens are open"),
            say("Hãy đóng bớt trang của trạm trên các máy khác.", "Close the station's page on other machines."),
        )
        .retry_after(10)
    })?;
    let now = Instant::now();
    let mut beat = interval_at(now + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut view = shared.desk.view.clone();
    view.mark_changed();
    let stream = Stream { view, beat, next_at: now, ends_at: now + LONGEST, _place: place };
    let events = stream::unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(event), stream))
    });
    Ok(Sse::new(events.take_until(Box::pin(guard::loses(shared, by, Right::Look)))))
}

impl Stream {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        let changed = async {
            sleep_until(self.next_at).await;
            self.view.changed().await
        };
        tokio::select! {
            biased;
            () = sleep_until(self.ends_at) => None,
            changed = changed => {
                changed.ok()?;
                self.next_at = Instant::now() + SPACING;
                let view = Arc::clone(&self.view.borrow_and_update());
                match Event::default().event("air").retry(Duration::from_secs(2)).json_data(&*view) {
                    Ok(event) => Some(event),
                    Err(fault) => {
                        log::error!(error:% = fault; "the view cannot be written as JSON");
                        None
                    }
                }
            }
            _ = self.beat.tick() => Some(Event::default().event("beat").data("{}")),
        }
    }
}
