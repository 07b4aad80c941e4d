//! The far end of a serial line: a pseudo-terminal under a stable name, which can be pulled out and put back.

use super::port::{Feeling, LOOK_EVERY, Mood};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A port under its name; [`Mood::Absent`] pulls it out. Gone on drop.
#[derive(Debug)]
pub(super) struct Pty {
    pub(super) name: PathBuf,
    pub(super) mood: Feeling,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// The device's side of a port that is plugged in.
pub(super) struct Plugged {
    master: File,
    mood: Feeling,
    stop: Arc<AtomicBool>,
    /// Held open, so that the port survives a program that closes it.
    _slave: File,
}

impl Pty {
    /// Makes a port and serves it on a thread of its own, anew each time it is put back.
    pub(super) fn open(name: &Path, serve: impl Fn(Plugged) + Send + 'static) -> io::Result<Self> {
        let (mood, stop) = (Feeling::default(), Arc::new(AtomicBool::new(false)));
        let (seen, stopped, link) = (mood.clone(), Arc::clone(&stop), name.to_owned());
        let mut first = Some(plug(&link, &seen, &stopped)?);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let plugged = match first.take() {
                    Some(plugged) => Ok(plugged),
                    None if seen.get() == Mood::Absent => Err(io::ErrorKind::NotFound.into()),
                    None => plug(&link, &seen, &stopped),
                };
                match plugged {
                    Ok(plugged) => {
                        serve(plugged);
                        // It may be gone already, with the folder it was in.
                        std::fs::remove_file(&link).ok();
                    }
                    Err(_) => std::thread::sleep(LOOK_EVERY),
                }
            }
        });
        Ok(Self { name: name.to_owned(), mood, stop, thread: Some(thread) })
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("a simulated bus panicked");
        }
    }
}

impl Plugged {
    /// How the port is.
    pub(super) fn mood(&self) -> Mood {
        self.mood.get()
    }

    /// The next bytes; an error: it was pulled out.
    pub(super) fn receive(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(bytes) = self.poll(LOOK_EVERY)? {
                return Ok(bytes);
            }
        }
    }

    /// The next bytes, if any come within this time; an error: it was pulled out.
    pub(super) fn poll(&mut self, within: Duration) -> io::Result<Option<Vec<u8>>> {
        if self.stop.load(Ordering::Relaxed) || self.mood.get() == Mood::Absent {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut poll = libc::pollfd { fd: self.master.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        #[expect(unsafe_code, reason = "std has no wait for a descriptor with an end")]
        // SAFETY: one pollfd that outlives the call.
        let ready = unsafe { libc::poll(&raw mut poll, 1, within.as_millis() as i32) };
        if ready <= 0 {
            return Ok(None);
        }
        let mut buffer = [0; 512];
        let count = self.master.read(&mut buffer)?;
        Ok(Some(buffer.get(..count).unwrap_or_default().to_vec()))
    }

    /// Sends bytes back.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.master.write_all(bytes)
    }
}

fn plug(link: &Path, mood: &Feeling, stop: &Arc<AtomicBool>) -> io::Result<Plugged> {
    let (mut master, mut slave) = (-1, -1);
    let mut name = [0 as libc::c_char; 128];
    #[expect(unsafe_code, reason = "std has no pseudo-terminals")]
    // SAFETY: the pointers are to variables that outlive the calls; Linux' names fit in 128 bytes. The descriptors are
    // nobody else's.
    let (master, slave) = unsafe {
        let mut settings: libc::termios = std::mem::zeroed();
        libc::cfmakeraw(&raw mut settings);
        let opened =
            libc::openpty(&raw mut master, &raw mut slave, name.as_mut_ptr(), &raw const settings, std::ptr::null());
        if opened != 0 {
            return Err(io::Error::last_os_error());
        }
        // A program started beside it must not hold the port open after it was pulled out.
        for end in [master, slave] {
            if libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC) != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        (File::from(OwnedFd::from_raw_fd(master)), File::from(OwnedFd::from_raw_fd(slave)))
    };
    let name: Vec<u8> = name.iter().take_while(|c| **c != 0).map(|c| c.cast_unsigned()).collect();
    let target = PathBuf::from(String::from_utf8_lossy(&name).into_owned());
    // What is left of an earlier one of this name must not stand in the way.
    std::fs::remove_file(link).ok();
    std::os::unix::fs::symlink(target, link)?;
    Ok(Plugged { master, mood: mood.clone(), stop: Arc::clone(stop), _slave: slave })
}
