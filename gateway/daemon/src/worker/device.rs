//! A device on a line: its driver, and the newest level it was told.

use drivers::Driver;
use drivers::line::Line;
use drivers::switch::Coil;
use gateway_core::device::{Fault, Report};
use gateway_core::id::{BoardId, OutputId, SensorId, SwitchId, TransmitterId};
use gateway_core::want::{BoardWant, CoderWant, Show, Wants};
use std::time::Duration;

/// A device of any kind.
pub(crate) enum Device {
    /// A switch.
    Switch(SwitchId, Slot<bool>),
    /// A transmitter's carrier.
    Transmitter(TransmitterId, Slot<bool>, Mains),
    /// A transmitter's zone coder.
    Coder(TransmitterId, Slot<CoderWant>),
    /// A board.
    Board(BoardId, Slot<BoardWant>),
    /// A sensor.
    Sensor(SensorId, Slot<()>),
}

/// Where a transmitter has its power from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mains {
    /// It is always on, and always answers.
    Always,
    /// A relay: it is asked nothing but while its carrier is wanted, or was not seen down yet.
    Relay {
        /// Which.
        switch: SwitchId,
        /// The carrier may be up.
        maybe_up: bool,
    },
}

/// A driver and the level it is to bring about.
pub(crate) struct Slot<W> {
    driver: Box<dyn Driver<W>>,
    want: W,
    /// The want is newer than the last success.
    fresh: bool,
    /// Where it can be told together with others.
    coil: Option<Coil>,
}

/// What came of seeing to an output; `None`: there was nothing to look at.
pub(super) type Outcome = (OutputId, Result<Option<Report>, Fault>);

impl<W: PartialEq + Clone> Slot<W> {
    /// A device that is to be off until something else is wanted.
    pub(crate) fn new(driver: Box<dyn Driver<W>>, off: W) -> Self {
        Self { driver, want: off, fresh: true, coil: None }
    }

    /// The same, at a coil that may be told together with others of its board.
    #[must_use]
    pub(crate) fn at(self, coil: Option<Coil>) -> Self {
        Self { coil, ..self }
    }

    fn told(&mut self, want: Option<&W>) -> bool {
        match want {
            Some(want) if *want != self.want => {
                self.want = want.clone();
                self.fresh = true;
                true
            }
            Some(_) | None => false,
        }
    }

    fn again_after(&self) -> Option<Duration> {
        self.driver.again_after(&self.want)
    }

    fn see_to(&mut self, line: &mut Line, refresh: bool) -> Result<Report, Fault> {
        line.counted(|line| self.ask(line, refresh))
    }

    fn ask(&mut self, line: &mut Line, refresh: bool) -> Result<Report, Fault> {
        if !self.fresh && !refresh {
            let report = self.driver.probe(line);
            // What was lost may have forgotten its level.
            self.fresh = report.is_err();
            return report;
        }
        let report = self.driver.apply(line, &self.want)?;
        self.fresh = false;
        Ok(report)
    }
}

impl Device {
    /// Its name as an output.
    pub(crate) fn id(&self) -> OutputId {
        match self {
            Self::Switch(id, _) => OutputId::Switch(id.clone()),
            Self::Transmitter(id, ..) => OutputId::Transmitter(id.clone()),
            Self::Coder(id, _) => OutputId::Coder(id.clone()),
            Self::Board(id, _) => OutputId::Board(id.clone()),
            Self::Sensor(id, _) => OutputId::Sensor(id.clone()),
        }
    }

    /// Whether its level was brought about is not known any more: it is next time.
    pub(super) fn forget(&mut self) {
        match self {
            Self::Switch(_, slot) | Self::Transmitter(_, slot, _) => slot.fresh = true,
            Self::Coder(_, slot) => slot.fresh = true,
            Self::Board(_, slot) => slot.fresh = true,
            Self::Sensor(_, slot) => slot.fresh = true,
        }
    }

    /// Takes the newest wants in; true if there is something to do.
    pub(super) fn is_told(&mut self, wants: &Wants) -> bool {
        match self {
            Self::Switch(id, slot) => slot.told(wants.switches.get(id)),
            Self::Transmitter(id, slot, mains) => {
                if let Mains::Relay { switch, maybe_up } = mains
                    && wants.switches.get(switch) == Some(&false)
                {
                    *maybe_up = false;
                }
                slot.told(wants.transmitters.get(id))
            }
            Self::Coder(id, slot) => slot.told(wants.coders.get(id)),
            Self::Board(id, slot) => slot.told(wants.boards.get(id)),
            Self::Sensor(..) => false,
        }
    }

    /// The coil it is, where that can be told together with others.
    pub(super) fn coil(&self) -> Option<(SwitchId, Coil)> {
        match self {
            Self::Switch(id, slot) => Some((id.clone(), slot.coil?)),
            Self::Transmitter(..) | Self::Coder(..) | Self::Board(..) | Self::Sensor(..) => None,
        }
    }

    /// Something is to be on, open or shown.
    pub(super) fn is_active(&self) -> bool {
        match self {
            Self::Switch(_, slot) | Self::Transmitter(_, slot, _) => slot.want,
            Self::Coder(_, slot) => !slot.want.zones.is_empty(),
            Self::Board(_, slot) => slot.want.show != Show::Dark,
            Self::Sensor(..) => false,
        }
    }

    /// How soon its level must be repeated while it lasts.
    pub(super) fn again_after(&self) -> Option<Duration> {
        match self {
            Self::Switch(_, slot) | Self::Transmitter(_, slot, _) => slot.again_after(),
            Self::Coder(_, slot) => slot.again_after(),
            Self::Board(_, slot) => slot.again_after(),
            Self::Sensor(_, slot) => slot.again_after(),
        }
    }

    /// Looks how it is, and changes nothing.
    pub(crate) fn look(&mut self, line: &mut Line) -> Result<Report, Fault> {
        match self {
            Self::Switch(_, slot) | Self::Transmitter(_, slot, _) => line.counted(|line| slot.driver.probe(line)),
            // An encoder that is asked for anything begins to send: that its line opens is all that can be looked at.
            Self::Coder(..) => line.open().map(|()| Report::Well),
            Self::Board(_, slot) => line.counted(|line| slot.driver.probe(line)),
            Self::Sensor(_, slot) => line.counted(|line| slot.driver.probe(line)),
        }
    }

    /// Brings its level about, or looks how it is.
    pub(super) fn see_to(&mut self, line: &mut Line) -> Outcome {
        (self.id(), self.bring_about(line))
    }

    fn bring_about(&mut self, line: &mut Line) -> Result<Option<Report>, Fault> {
        let repeat = self.again_after().is_some();
        match self {
            // Reading and writing back are one thing for these: a coil that someone else turned is turned again.
            Self::Switch(_, slot) => slot.see_to(line, true),
            Self::Transmitter(_, slot, Mains::Always) => slot.see_to(line, true),
            Self::Transmitter(_, slot, Mains::Relay { maybe_up, .. }) => {
                if !slot.want && !*maybe_up {
                    return Ok(None);
                }
                *maybe_up = true;
                let report = slot.see_to(line, true)?;
                *maybe_up = slot.want || matches!(report, Report::Transmitter(state) if state.carrier);
                Ok(report)
            }
            Self::Coder(_, slot) => slot.see_to(line, repeat),
            Self::Board(_, slot) => slot.see_to(line, repeat),
            Self::Sensor(_, slot) => slot.see_to(line, false),
        }
        .map(Some)
    }
}
