//! web-ui: shows a `View`, asks `Reads` and sends an `Act`; three routers, one for each listener of the box.
//!
//! [`officer`] is the desk and its API behind a login, [`boards`] beside it the pages of televisions, [`citizen`] the public notice, [`ops`] the three paths a
//! supervisor asks. What the officer's listener has is written once, in [`ROUTES`] and at the answers it
//! names; the router, the published API description and the tests are driven from that table.

mod air;
mod body;
mod books;
mod bundle;
mod citizen;
mod described;
mod entry;
mod events;
mod making;
pub mod office;
mod ops;
mod page;
mod problem;
mod reads;
mod routes;
mod slices;
mod station;

pub use air::boards::{Board, BoardAddress, BoardScene, Boards, NoBoards, boards};
pub use air::ears::{Ears, PlayRow, Player, Recorded, RecordingRow, Unheard};
pub use air::outlook::Outlook;
pub use air::studio::{Shut, SinkRow, Studio};
pub use books::playlog::{Play, PlayAsk, PlaySum, PlayTime};
pub use citizen::citizen;
pub use entry::trust::Trust;
pub use entry::users;
pub use entry::users::{Right, Role, Users};
pub use making::lexicon::{Heard, Lexicon, Voice, VoiceFault};
pub use making::library::{LibraryAsk, LibraryRow, LibraryVersion};
pub use making::media::{Arrived, Idle, MediaFault, MediaKind, MediaShelf, MediaTaken, NoMedia};
pub use making::preview::{BoardSight, NoPreview, Preview};
pub use office::{Keep, Office};
pub use ops::{Check, Metric, MetricKind, Ops, ops};
pub use reads::{Deeds, JournalAsk, JournalRow, ReadFault, Reads};
pub use routes::{OPENAPI, ROUTES, Route, Who, officer};
pub use station::codes::KeptCodes;
pub use station::configuration::{
    Change, Checked, Configuration, DiffLine, Fate, Finding, KeyRow, Lock, NoConfiguration, Probed, RowValues,
    SectionRow, Sheet, Underway, Unfit, VersionRow, Wanted, What,
};
pub use station::lines::{LineRow, Lines};
pub use station::machine::{Interface, Machine, MachineState, NoMachine};
pub use station::network::{
    AddressMethod, Elsewhere, FixedAddress, LinkKind, LinkState, MobileRow, Network, NetworkChange, NetworkChanged,
    NetworkDevice, NetworkState, NoNetwork, Protection, SavedWifi, Secret, TrialEnd, TrialFate, TrialFault, TrialPhase,
    TrialRow, TrialWhat, Unset, WifiRow,
};
pub use station::restore::{BackupSight, RestoreState, Unrestored};
pub use station::{faults, selftest};

use gateway_core::input::Act;
use gateway_core::view::View;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Everything the officer's listener needs from the daemon.
pub struct Desk {
    /// What may be shown: sent after each step, and at least every five seconds, since `muted_ms`, `dark_ms` and
    /// `clock` count from the moment it was made. It may run ahead of the commit.
    pub view: watch::Receiver<Arc<View>>,
    /// Orders of officers, for the daemon's loop; bounded, and a full queue is told to the officer as busy.
    pub orders: mpsc::Sender<Asked>,
    /// Long lists, read past the core.
    pub reads: Arc<dyn Reads>,
    /// A copy of what the core knows, for looking ahead.
    pub outlook: Arc<dyn Outlook>,
    /// The sinks live, and what left them.
    pub ears: Arc<dyn Ears>,
    /// The voice and its dictionary.
    pub voice: Arc<dyn Voice>,
    /// Microphones, and how the sinks are.
    pub studio: Arc<dyn Studio>,
    /// How the lines to the devices fare.
    pub lines: Lines,
    /// Files that officers bring.
    pub media: Arc<dyn MediaShelf>,
    /// What the boards would show.
    pub preview: Arc<dyn Preview>,
    /// The boards that are pages.
    pub boards: Arc<dyn Boards>,
    /// The configuration.
    pub configuration: Arc<dyn Configuration>,
    /// The machine, and what is packed of the station.
    pub machine: Arc<dyn Machine>,
    /// The machine's network.
    pub network: Arc<dyn Network>,
    /// Who may sign in.
    pub users: Users,
    /// The office's book.
    pub office: Office,
    /// The listener speaks TLS: the session cookie is marked `Secure` and named `__Host-desk`.
    pub secure_cookie: bool,
    /// What browsers have to be told to trust the listener; `None` where they trust it already, or it speaks no TLS.
    pub trust: Option<Trust>,
}

/// One order on its way to the loop.
#[derive(Debug)]
pub struct Asked {
    /// Login name of the officer.
    pub by: String,
    /// What is ordered; already checked for form, and for identities the view knows.
    pub act: Act,
    /// Where its outcome goes, once: after the commit. Dropping it is answered as 503.
    pub answer: oneshot::Sender<Outcome>,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Carried out and committed; the journal entry that says so.
    Done {
        /// Its sequence number.
        seq: u64,
    },
    /// The core would not: why, in words for the officer.
    Refused(String),
    /// Carried out, but the disk did not take it: answered as 503 with `acted: true`.
    ActedNotWritten,
    /// Neither carried out nor written: the disk is dead and this order is one that must be remembered first.
    NotWritten,
    /// The station is starting or stopping.
    Busy,
}
