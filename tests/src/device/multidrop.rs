//! A serial line with several devices that have numbers: each hears everything that is said, and answers what is its own.

use super::port::{Feeling, LOOK_EVERY, Mood, Next, Talk};
use super::pty::{Plugged, Pty};
use std::io;
use std::path::Path;
use std::time::Instant;

/// The line; gone on drop.
#[derive(Debug)]
pub struct Multidrop {
    pty: Pty,
}

/// A device on it.
pub struct Branch {
    pub(super) mood: Feeling,
    pub(super) talk: Box<dyn Fn() -> Box<dyn Talk> + Send>,
}

impl Branch {
    /// How it is on a line that is so.
    fn feels(&self, line: Mood) -> Mood {
        if line == Mood::Well { self.mood.get() } else { line }
    }
}

impl Multidrop {
    /// A line at a serial port of this name with these devices on it.
    ///
    /// # Errors
    /// When there is no pseudo-terminal to be had.
    pub fn open(name: &Path, branches: Vec<Branch>) -> io::Result<Self> {
        Ok(Self { pty: Pty::open(name, move |port| serve(port, &branches))? })
    }

    /// The mood of the whole line, over that of its devices where it is not well; [`Mood::Absent`] pulls the port out.
    pub fn set_mood(&self, mood: Mood) {
        self.pty.mood.set(mood);
    }
}

fn serve(mut port: Plugged, branches: &[Branch]) {
    let mut talks: Vec<_> = branches.iter().map(|branch| (branch.talk)()).collect();
    let mut late: Vec<(Instant, Vec<u8>)> = Vec::new();
    loop {
        let Ok(heard) = port.poll(LOOK_EVERY) else { return };
        let now = Instant::now();
        let mut said: Vec<Vec<u8>> = late.extract_if(.., |(when, _)| *when <= now).map(|(_, bytes)| bytes).collect();
        if let Some(bytes) = heard {
            for (talk, branch) in talks.iter_mut().zip(branches) {
                let mood = branch.feels(port.mood());
                talk.push(&bytes);
                while let Some(answer) = answer(talk.as_mut(), mood) {
                    match mood {
                        Mood::Late(by) => late.push((now + by, answer)),
                        Mood::Echo => said.push(bytes.clone()),
                        Mood::Wrong if !answer.is_empty() => said.push(vec![0xA7; answer.len().max(8)]),
                        Mood::Cut => said.push(answer.get(..answer.len() / 2).unwrap_or_default().to_vec()),
                        Mood::Well => said.push(answer),
                        Mood::Wrong | Mood::Deaf | Mood::Absent => {}
                    }
                }
            }
        }
        for bytes in said {
            // The others hear it too, and must not take it for a question.
            for (talk, branch) in talks.iter_mut().zip(branches) {
                talk.push(&bytes);
                while let Some(answer) = answer(talk.as_mut(), branch.feels(port.mood())) {
                    assert!(answer.is_empty(), "a device answers an answer");
                }
            }
            if port.send(&bytes).is_err() {
                return;
            }
        }
    }
}

/// The answer to the next message that is whole; empty: it has none. `None`: no more is whole.
fn answer(talk: &mut dyn Talk, mood: Mood) -> Option<Vec<u8>> {
    match talk.next(matches!(mood, Mood::Well | Mood::Late(_) | Mood::Cut)) {
        Next::Answer(answer) | Next::End(answer) => Some(answer),
        Next::Silence => Some(Vec::new()),
        Next::More => None,
    }
}
