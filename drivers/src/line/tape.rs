//! The recorder of a line: takes down every byte that passes, on a thread of its own, so that no device waits for a disk.

use super::capture::{Event, HEAD, written};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A recording file that has grown to this many bytes is put aside under its name and `.1`, over an older one.
pub const LARGEST: u64 = 4 << 20;
/// Events that may wait for the disk; more are lost, and the recording says how many.
const QUEUE: usize = 4096;
/// What waits in memory is written at least this often.
const FLUSH_EVERY: Duration = Duration::from_secs(2);

/// The way to a recording; its copies write to the same. The last one dropped ends it.
#[derive(Clone, Debug)]
pub struct Tape(Arc<Reel>);

#[derive(Debug)]
struct Reel {
    begun: Instant,
    events: Mutex<Option<SyncSender<(u64, Event)>>>,
    lost: Arc<AtomicU64>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Tape {
    /// Begins a recording in this file; `title` says what line it is.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn begin(file: &Path, title: &str) -> io::Result<Self> {
        let (path, title) = (file.to_owned(), title.to_owned());
        let out = Sheet { out: open(&path, &title)?, path: Some(path), title, size: 0 };
        Self::start(out)
    }

    /// Begins a recording that goes somewhere else than to a file.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn onto(mut out: Box<dyn Write + Send>, title: &str) -> io::Result<Self> {
        out.write_all(head(title).as_bytes())?;
        Self::start(Sheet { out, path: None, title: title.to_owned(), size: 0 })
    }

    fn start(sheet: Sheet) -> io::Result<Self> {
        let (events, taken) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&lost);
        let work = move || sheet.write_down(&taken, &count);
        let writer = std::thread::Builder::new().name("tape".into()).stack_size(128 * 1024).spawn(work)?;
        let (events, writer) = (Mutex::new(Some(events)), Mutex::new(Some(writer)));
        Ok(Self(Arc::new(Reel { begun: Instant::now(), events, lost, writer })))
    }

    /// Takes down what happens now.
    pub fn note(&self, event: Event) {
        let at = u64::try_from(self.0.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let events = self.0.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.as_ref().is_some_and(|events| events.try_send((at, event)).is_err()) {
            self.0.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            log::error!("the writer of a line's recording had died");
        }
    }
}

struct Sheet {
    out: Box<dyn Write + Send>,
    path: Option<PathBuf>,
    title: String,
    size: u64,
}

impl Sheet {
    fn write_down(mut self, events: &Receiver<(u64, Event)>, lost: &AtomicU64) {
        let mut flushed = Instant::now();
        loop {
            // However busy the line is: what was taken down is to be found after a power cut.
            let due = FLUSH_EVERY.saturating_sub(flushed.elapsed());
            let done = match events.recv_timeout(due) {
                Ok((at, event)) if !due.is_zero() => self.write(at, &event, lost.swap(0, Ordering::Relaxed)),
                Ok((at, event)) => {
                    flushed = Instant::now();
                    self.write(at, &event, lost.swap(0, Ordering::Relaxed)).and_then(|()| self.out.flush())
                }
                Err(RecvTimeoutError::Timeout) => {
                    flushed = Instant::now();
                    self.out.flush()
                }
                Err(RecvTimeoutError::Disconnected) => {
                    if let Err(error) = self.out.flush() {
                        log::warn!(line = self.title, error:%; "the end of a line's recording is lost");
                    }
                    return;
                }
            };
            if let Err(error) = done {
                log::warn!(line = self.title, error:%; "the recording of a line ends: it cannot be written");
                return;
            }
        }
    }

    fn write(&mut self, at: u64, event: &Event, lost: u64) -> io::Result<()> {
        if lost > 0 {
            writeln!(self.out, "# {lost} events are lost here")?;
        }
        let text = written(at, event);
        writeln!(self.out, "{text}")?;
        self.size += text.len() as u64 + 1;
        if let Some(path) = self.path.as_ref().filter(|_| self.size >= LARGEST) {
            self.out.flush()?;
            let mut aside = path.clone().into_os_string();
            aside.push(".1");
            std::fs::rename(path, aside)?;
            (self.out, self.size) = (open(path, &self.title)?, 0);
        }
        Ok(())
    }
}

fn open(path: &Path, title: &str) -> io::Result<Box<dyn Write + Send>> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(head(title).as_bytes())?;
    Ok(Box::new(out))
}

fn head(title: &str) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!(
        "{HEAD}\n# line {title}\n# at {} (Unix seconds of this machine, when this file was begun)\n",
        since.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::super::capture::Capture;
    use super::*;

    fn folder(label: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("tape-{label}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[test]
    fn a_recording_is_whole_when_the_last_copy_is_dropped() {
        let file = folder("whole").join("a");
        let tape = Tape::begin(&file, "bus1").expect("a tape");
        let other = tape.clone();
        tape.note(Event::Open);
        drop(tape);
        other.note(Event::Sent(vec![1, 2, 3]));
        drop(other);
        let Capture(events) = Capture::read(&std::fs::read_to_string(&file).expect("there")).expect("a capture");
        assert_eq!(events.len(), 2);
        assert!(matches!(events.last(), Some((_, Event::Sent(bytes))) if bytes == &[1, 2, 3]));
    }

    #[test]
    fn a_recording_does_not_fill_the_disk() {
        let folder = folder("bounded");
        let file = folder.join("a");
        let mut sheet =
            Sheet { out: open(&file, "bus1").expect("made"), path: Some(file.clone()), title: String::new(), size: 0 };
        let event = Event::Received(vec![0x55; 4096]);
        for at in 0..(3 * LARGEST / 12_288 + 10) {
            sheet.write(at, &event, 0).expect("written");
        }
        drop(sheet);
        let sizes = ["a", "a.1"].map(|name| std::fs::metadata(folder.join(name)).expect("there").len());
        assert!(sizes.iter().all(|size| *size < LARGEST + 20_000), "{sizes:?}");
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 2);
    }
}
