//! The story every model lives: seen at the far end, deaf, well again, late, unplugged, beside a dead neighbour.

use super::{Bench, Beside, Row, Step, Subject};
use crate::device::Mood;
use crate::scratch::Scratch;
use drivers::line::{CALL_BUDGET, Line};
use gateway_core::device::Fault;
use std::time::{Duration, Instant};

/// How long anything that must come may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);
/// Above the budget of a call: what a busy machine may add.
const BUSY: Duration = Duration::from_secs(4);

/// Lives it; what was otherwise than it must be.
///
/// # Errors
/// The first thing that went wrong, in words.
pub fn live(row: &Row) -> Result<(), String> {
    let scratch = Scratch::new(row.model).map_err(|error| format!("no scratch folder: {error}"))?;
    let mut bench = (row.make)(&scratch);
    let mut line = Line::new(bench.line.clone());
    let lacks = |step: Step| row.lacks.iter().any(|(lacking, _)| *lacking == step);
    let tell = |what: &str, said: Result<(), String>| said.map_err(|why| format!("{} {what}: {why}", row.name()));
    tell("is seen at the far end", seen(&mut bench, &mut line))?;
    if !lacks(Step::Deaf) {
        tell("is deaf", trouble(&mut bench, &mut line, Mood::Deaf))?;
    }
    if !lacks(Step::Late) {
        tell("is late", late(&mut bench, &mut line, row.late))?;
    }
    if !lacks(Step::Unplug) {
        tell("is unplugged", trouble(&mut bench, &mut line, Mood::Absent))?;
    }
    match (&mut bench.beside, lacks(Step::Beside)) {
        (Some(_), true) => return Err(format!("{}: lacks a neighbour, it says, and has one", row.name())),
        (None, false) => return Err(format!("{}: has no neighbour, and does not say why", row.name())),
        (Some(beside), false) => {
            tell("has a neighbour", neighbour(bench.subject.as_mut(), beside, &mut line))?;
        }
        (None, true) => {}
    }
    Ok(())
}

/// What is told is said, and is so at the far end; told twice it is still so.
fn seen(bench: &mut Bench, line: &mut Line) -> Result<(), String> {
    for on in [true, false, true, true] {
        comes_to(bench.subject.as_mut(), &*bench.far, line, on)?;
    }
    Ok(())
}

/// A device that is deaf or gone is a fault of the line, said in the time of a call; then it is as it should be again. One
/// that is deaf is told the other thing meanwhile; one that is gone, the same, which it may have forgotten when it is back.
fn trouble(bench: &mut Bench, line: &mut Line, mood: Mood) -> Result<(), String> {
    comes_to(bench.subject.as_mut(), &*bench.far, line, true)?;
    (bench.mood)(mood);
    let (begun, told) = (Instant::now(), mood == Mood::Absent);
    let answer = loop {
        let asked = Instant::now();
        match bench.subject.tell(line, told) {
            // What was already on its way when the mood changed, and what counts for a while.
            Ok(_) if begun.elapsed() < PATIENCE && mood == Mood::Absent => {
                std::thread::sleep(Duration::from_millis(20));
            }
            other => {
                if asked.elapsed() > CALL_BUDGET + BUSY {
                    return Err(format!("a call took {:?}", asked.elapsed()));
                }
                break other;
            }
        }
    };
    if !matches!(answer, Err(Fault::Line(_))) {
        return Err(format!("a fault of the line, not {answer:?}"));
    }
    (bench.mood)(Mood::Well);
    for on in [told, false, true] {
        comes_to(bench.subject.as_mut(), &*bench.far, line, on)?;
    }
    Ok(())
}

/// Whatever is said while answers come late, and while the last of them still come, is true at the far end.
fn late(bench: &mut Bench, line: &mut Line, by: Duration) -> Result<(), String> {
    comes_to(bench.subject.as_mut(), &*bench.far, line, true)?;
    (bench.mood)(Mood::Late(by));
    for on in [false, true] {
        let asked = Instant::now();
        let done = truthful(bench.subject.tell(line, on), on, &*bench.far)?;
        if done && asked.elapsed() < by {
            return Err(format!("it was not late: told {on}, it was so after {:?}", asked.elapsed()));
        }
    }
    (bench.mood)(Mood::Well);
    let until = Instant::now() + PATIENCE;
    for on in [false, true, false] {
        while !truthful(bench.subject.tell(line, on), on, &*bench.far)? {
            if Instant::now() > until {
                return Err("it never recovers from being late".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    Ok(())
}

/// Whether it was done; an error where something else was said than what is so.
fn truthful(answer: Result<bool, Fault>, on: bool, far: &dyn Fn() -> bool) -> Result<bool, String> {
    match answer {
        Ok(said) if said == on && far() == on => Ok(true),
        Ok(said) => Err(format!("told {on}, it says {said}, and is {}", far())),
        Err(Fault::Line(_)) => Ok(false),
        Err(Fault::Refused(why)) => Err(format!("refused: {why}")),
    }
}

/// The neighbour goes on while the first is dead, and the first comes back.
fn neighbour(first: &mut dyn Subject, beside: &mut Beside, line: &mut Line) -> Result<(), String> {
    comes_to(beside.subject.as_mut(), &*beside.far, line, true)?;
    (beside.first)(Mood::Deaf);
    for on in [false, true] {
        let dead = first.tell(line, on);
        if !matches!(dead, Err(Fault::Line(_))) {
            return Err(format!("a dead device says {dead:?}"));
        }
        comes_to(beside.subject.as_mut(), &*beside.far, line, on)?;
    }
    (beside.first)(Mood::Well);
    let until = Instant::now() + PATIENCE;
    while first.tell(line, true) != Ok(true) {
        if Instant::now() > until {
            return Err("the first never comes back".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    comes_to(beside.subject.as_mut(), &*beside.far, line, false)
}

/// Tells it until it says so, which the far end must bear out; faults of the line pass.
fn comes_to(subject: &mut dyn Subject, far: &dyn Fn() -> bool, line: &mut Line, on: bool) -> Result<(), String> {
    let until = Instant::now() + PATIENCE;
    loop {
        match subject.tell(line, on) {
            Ok(said) if said == on && far() == on => return Ok(()),
            Ok(said) => return Err(format!("told {on}, it says {said}, and is {}", far())),
            Err(fault) if Instant::now() > until => return Err(format!("never {on}: {fault}")),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
