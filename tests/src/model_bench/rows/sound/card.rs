//! The bench of sound cards: one of user space, which writes down what it takes and can be pulled out.

use super::{LISTEN, PATIENCE, is_loud, settled};
use crate::device::Mood;
use crate::model_bench::rows::{alone, apart};
use crate::model_bench::{Bench, Subject};
use crate::scratch::Scratch;
use crate::vcard::VirtualCards;
use crate::vcard::player::Player;
use drivers::line::Line;
use gateway_core::device::Fault;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A sound card of user space, and the line to it in a process of its own, which is how ALSA is told of it.
struct Played {
    player: RefCell<Player>,
    cards: VirtualCards,
}

/// The sink on its left channel.
struct Left {
    played: Rc<Played>,
    plays: u64,
    told: Option<bool>,
    fault: Option<Fault>,
    sounding: bool,
}

impl Left {
    fn take(&mut self, said: &serde_json::Value) {
        match said["report"].as_str() {
            Some("fault") if said["sink"] == "left" => {
                (self.sounding, self.fault) = (false, Some(Fault::Line(said.to_string())));
            }
            Some("well") if said["sink"] == "left" && self.fault.take().is_some() => self.told = None,
            Some("sounding") if said["play"] == self.plays => self.sounding = true,
            _ => {}
        }
    }
}

impl Subject for Left {
    fn tell(&mut self, _: &mut Line, on: bool) -> Result<bool, Fault> {
        let played = Rc::clone(&self.played);
        let mut player = played.player.borrow_mut();
        while let Some(said) = player.hear(Duration::ZERO) {
            self.take(&said);
        }
        if self.told != Some(on) {
            (self.told, self.sounding) = (Some(on), false);
            self.plays += u64::from(on);
            let want = if on { format!("want left 100 {} tone:4 0", self.plays) } else { "want left 100".to_owned() };
            player.tell(&want).map_err(|gone| Fault::Line(gone.to_string()))?;
        }
        let until = Instant::now() + PATIENCE;
        while on && !self.sounding && self.fault.is_none() && Instant::now() < until {
            if let Some(said) = player.hear(LISTEN) {
                self.take(&said);
            }
        }
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(on && self.sounding),
        }
    }
}

pub(super) fn card(_: &Scratch) -> Bench {
    let cards = VirtualCards::new("story", &["vcard0"]).expect("a virtual card");
    let me = std::env::current_exe().expect("this program");
    // Programs of this build lie beside the folder of its tests.
    let bench = me.ancestors().nth(2).expect("a folder").join("sound_bench").display().to_string();
    let mut player = Player::start(&bench, &cards, &["--device", "vcard0"]).expect("a sound line");
    player.report("left", "well").expect("the card opens");
    let played = Rc::new(Played { player: RefCell::new(player), cards });
    let subject = Box::new(Left { played: Rc::clone(&played), plays: 0, told: None, fault: None, sounding: false });
    let heard = |played: &Played| {
        let [left, _] = played.cards.heard("vcard0").expect("its recording");
        left
    };
    let far = move |played: &Played| {
        settled(|| {
            let before = heard(played).len();
            std::thread::sleep(LISTEN);
            is_loud(heard(played).into_iter().skip(before))
        })
    };
    let mood = |played: &Played, mood| played.cards.unplug("vcard0", mood == Mood::Absent).expect("its plug");
    alone(apart("card"), subject, &played, far, mood)
}
