//! What a desk has behind it that can do nothing but listen.

use gateway_core::bulletin::State as Stage;
use gateway_core::id::{LiveId, SinkId};
use gateway_core::view::BulletinHead;
use web_ui::{Heard, JournalRow, Lexicon, ReadFault, Reads, Shut, SinkRow, Studio, Voice, VoiceFault};

/// Nothing at all.
pub(crate) struct Nothing;

impl web_ui::Outlook for Nothing {
    fn ahead(&self) -> Result<gateway_core::ahead::Ahead, ReadFault> {
        Err(ReadFault("nothing lies ahead".to_owned()))
    }
}

impl Reads for Nothing {
    fn bulletins(&self, _: &[Stage], _: usize) -> Result<Vec<BulletinHead>, ReadFault> {
        Ok(Vec::new())
    }
    fn journal(&self, _: &web_ui::JournalAsk) -> Result<Vec<JournalRow>, ReadFault> {
        Ok(Vec::new())
    }
    fn plays(&self, _: &web_ui::PlayAsk) -> Result<Vec<web_ui::Play>, ReadFault> {
        Ok(Vec::new())
    }
    fn library(&self, _: &web_ui::LibraryAsk) -> Result<Vec<web_ui::LibraryRow>, ReadFault> {
        Ok(Vec::new())
    }
    fn library_item(&self, _: &str) -> Result<Vec<web_ui::LibraryVersion>, ReadFault> {
        Ok(Vec::new())
    }
    fn play_sums(&self, _: i64, _: i64) -> Result<Vec<web_ui::PlaySum>, ReadFault> {
        Ok(Vec::new())
    }

    fn play_times(&self, _: i64, _: i64) -> Result<Vec<web_ui::PlayTime>, ReadFault> {
        Ok(Vec::new())
    }

    fn lessons(&self) -> Result<Vec<gateway_core::lesson::Lesson>, ReadFault> {
        Ok(Vec::new())
    }

    fn codes(&self) -> Result<Vec<web_ui::KeptCodes>, ReadFault> {
        Ok(Vec::new())
    }

    fn replies(&self) -> Result<Vec<(i64, gateway_core::lesson::Reply)>, ReadFault> {
        Ok(Vec::new())
    }
}

impl Studio for Nothing {
    fn open(&self, _: &str) -> Result<LiveId, Shut> {
        Err(Shut::Full)
    }
    fn speak(&self, _: &LiveId, _: &str, _: Vec<f32>, _: u32) -> Result<(), Shut> {
        Err(Shut::Closed)
    }
    fn hand(&self, _: &LiveId, _: &str) {}
    fn close(&self, _: &LiveId) {}
    fn sinks(&self) -> Vec<SinkRow> {
        Vec::new()
    }
    fn sdp(&self, _: &SinkId, _: bool) -> Option<String> {
        None
    }
}

impl Voice for Nothing {
    fn lexicon(&self) -> Lexicon {
        Lexicon::default()
    }
    fn replace(&self, _: &str, _: &str) -> Result<String, VoiceFault> {
        Err(VoiceFault::Changed)
    }
    fn hear(&self, _: &str, _: Option<&str>) -> Result<Heard, VoiceFault> {
        Err(VoiceFault::Changed)
    }
}
