//! A loudspeaker that is called by SIP: baresip, which others wrote, answers by itself and plays what it hears on a
//! sound card of user space, which writes it down.

use crate::rtp::free_port;
use crate::scratch::Scratch;
use crate::stage::Tape;
use crate::vcard::VirtualCards;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running baresip; killed on drop.
pub struct Baresip {
    child: Child,
    said: Receiver<String>,
    cards: VirtualCards,
    _scratch: Scratch,
}

impl Drop for Baresip {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Baresip {
    /// Answers calls to `loa` at this port with this codec; `mode` as its accounts say.
    ///
    /// # Panics
    /// It is not installed, or does not start.
    pub fn start(port: u16, codec: &str, mode: &str) -> Self {
        let scratch = Scratch::new("baresip").expect("a directory");
        let cards = VirtualCards::new("horn", &["horn"]).expect("a card");
        let media = free_port();
        let config = format!(
            "sip_listen 127.0.0.1:{port}\naudio_player alsa,default\naudio_source aubridge,x\naudio_alert aubridge,x\n\
             rtp_ports {media}-{}\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\nmodule g722.so\n\
             module alsa.so\nmodule aubridge.so\nmodule_tmp account.so\nmodule_app menu.so\n",
            media + 20
        );
        fs::write(scratch.join("config"), config).expect("written");
        let account =
            format!("<sip:loa@127.0.0.1:{port};transport=udp>;regint=0;answermode={mode};audio_codecs={codec}\n");
        fs::write(scratch.join("accounts"), account).expect("written");
        fs::write(scratch.join("contacts"), "").expect("written");
        let mut child = Command::new("stdbuf")
            .args(["-oL", "baresip", "-f"])
            .arg(scratch.path())
            .env("ALSA_CONFIG_PATH", cards.config())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("baresip: run scripts/setup");
        let (say, said) = sync_channel(1024);
        let output = child.stdout.take().expect("its output");
        thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).try_for_each(|l| say.send(l)));
        let peer = Self { child, said, cards, _scratch: scratch };
        peer.wait("is ready");
        peer
    }

    /// Waits until it says something.
    ///
    /// # Panics
    /// It does not.
    pub fn wait(&self, what: &str) {
        let until = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while let Ok(line) = self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if line.contains(what) {
                return;
            }
            all.push(line);
        }
        panic!("baresip never said {what:?}, but {all:#?}");
    }

    /// What it played, 48 000 samples a second.
    ///
    /// # Panics
    /// Its card wrote nothing.
    pub fn heard(&self) -> Vec<i16> {
        let [heard, _] = self.cards.heard("horn").expect("the recording of its card");
        heard
    }

    /// The same, with the moment of each sample.
    ///
    /// # Panics
    /// As [`Self::heard`].
    pub fn tape(&self) -> Tape {
        Tape::read(&self.cards, "horn").expect("the recording of its card")
    }
}
