//! Looking at a file on a thread of its own: a decoder that never answers keeps neither who sent the file nor a place waiting.

use super::Looked;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;
use web_ui::{MediaFault, MediaKind};

/// Decoders that may hang at once; each holds a thread until it comes back or the station is started again.
const HANGING: usize = 2;

/// How a file is looked at.
pub(super) type Look = fn(&Path, Option<MediaKind>) -> Result<Looked, MediaFault>;

/// Looks at files, and gives up those that never answer.
pub(super) struct Watch {
    look: Look,
    patience: Duration,
    hanging: Arc<AtomicUsize>,
}

impl Watch {
    /// `patience` is more than the bound that decoding has for itself: it is for what no bound in a decoder catches.
    pub(super) fn new(look: Look, patience: Duration) -> Self {
        Self { look, patience, hanging: Arc::default() }
    }

    /// Looks at a file.
    pub(super) fn look(&self, path: &Path, said: Option<MediaKind>) -> Result<Looked, MediaFault> {
        if self.hanging.load(Ordering::Acquire) >= HANGING {
            return Err(MediaFault::Hangs);
        }
        let (answer, looked) = sync_channel(1);
        let over = Arc::new(AtomicBool::new(false));
        let work = {
            let (look, path, over, hanging) =
                (self.look, path.to_owned(), Arc::clone(&over), Arc::clone(&self.hanging));
            move || {
                // Who asked may have given up.
                answer.send(look(&path, said)).ok();
                if over.swap(true, Ordering::AcqRel) {
                    hanging.fetch_sub(1, Ordering::AcqRel);
                    log::info!("a decoder that hung has come back");
                }
            }
        };
        let thread = thread::Builder::new().name("look".into()).spawn(work);
        thread.map_err(|error| MediaFault::Disk(error.to_string()))?;
        match looked.recv_timeout(self.patience) {
            Ok(looked) => looked,
            Err(RecvTimeoutError::Disconnected) => Err(MediaFault::Unplayable("the decoder broke down".to_owned())),
            Err(RecvTimeoutError::Timeout) => {
                let hanging = self.hanging.fetch_add(1, Ordering::AcqRel) + 1;
                if over.swap(true, Ordering::AcqRel) {
                    // It came back just now.
                    self.hanging.fetch_sub(1, Ordering::AcqRel);
                    return looked.try_recv().unwrap_or(Err(MediaFault::Endless));
                }
                log::error!(hanging; "a decoder hangs: its file is refused, its place is free, its thread is lost");
                Err(MediaFault::Endless)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LET_GO: AtomicBool = AtomicBool::new(false);

    /// A decoder that turns in circles until it is let go.
    fn circles(_: &Path, _: Option<MediaKind>) -> Result<Looked, MediaFault> {
        while !LET_GO.load(Ordering::Acquire) {
            thread::sleep(Duration::from_millis(1));
        }
        Err(MediaFault::Unknown)
    }

    fn breaks(_: &Path, _: Option<MediaKind>) -> Result<Looked, MediaFault> {
        Err(MediaFault::TooLong)
    }

    #[test]
    fn a_decoder_that_hangs_is_given_up_and_no_more_than_two_hang() {
        let watch = Watch::new(circles, Duration::from_millis(20));
        let look = |watch: &Watch| watch.look(Path::new("/nowhere"), None).err();
        assert_eq!(look(&watch), Some(MediaFault::Endless));
        assert_eq!(look(&watch), Some(MediaFault::Endless));
        assert_eq!(look(&watch), Some(MediaFault::Hangs), "a third would only hang too");
        LET_GO.store(true, Ordering::Release);
        while watch.hanging.load(Ordering::Acquire) > 0 {
            thread::sleep(Duration::from_millis(1));
        }
        let patient = Watch { patience: Duration::from_secs(20), ..watch };
        assert_eq!(look(&patient), Some(MediaFault::Unknown), "they came back, and files are looked at again");
        assert_eq!(look(&Watch::new(breaks, Duration::from_secs(20))), Some(MediaFault::TooLong));
    }
}
