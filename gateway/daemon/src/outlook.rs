//! Hands a copy of what the core knows to those who look ahead: the loop makes the copy and goes on.

use crate::run::Happened;
use gateway_core::ahead::Ahead;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;
use web_ui::ReadFault;

/// How long the loop may take to come to it.
const PATIENCE: Duration = Duration::from_secs(4);

/// The way to the loop.
pub(crate) struct Outlook(pub(crate) SyncSender<Happened>);

impl web_ui::Outlook for Outlook {
    fn ahead(&self) -> Result<Ahead, ReadFault> {
        let (asker, copy) = sync_channel(1);
        self.0.try_send(Happened::Look(asker)).map_err(|_| ReadFault("the loop takes nothing".to_owned()))?;
        copy.recv_timeout(PATIENCE).map_err(|e| ReadFault(format!("the loop gave no copy: {e}")))
    }
}
