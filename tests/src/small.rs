//! The smallest station there is: one recorder, no hub, a desk in plain HTTP; for what has to do with the machine alone.

use crate::scratch::Scratch;
use crate::stage::{Officer, Ports, Station};
use anyhow::{Context, Result};
use web_ui::Role;

const PASSWORD: &str = "mot-mat-khau-thu-nho";

/// The station, ready; killed on drop.
pub struct Small {
    /// Its process.
    pub station: Station,
    /// Where it keeps what it has.
    pub scratch: Scratch,
}

impl Small {
    /// Starts it with this much more of a configuration, and waits until it is ready. `minh` is technician, `khach` viewer.
    pub fn up(label: &str, more: &str) -> Result<Self> {
        let scratch = Scratch::new(label)?;
        let ports = Ports::free()?;
        let (dir, Ports { officer, citizen, ops }) = (scratch.path().display(), ports);
        let text = format!(
            "[station]\nid = \"TN-25459-01\"\nprovince = \"80\"\ncommune = \"25459\"\nlat = 11.31\nlon = 106.10\n\
             data = \"{dir}/data\"\ntrust = \"{dir}/trust.json\"\n\n[web]\nofficer = \"127.0.0.1:{officer}\"\n\
             officer_tls = false\ncitizen = \"127.0.0.1:{citizen}\"\nops = \"127.0.0.1:{ops}\"\n\n\
             [clock]\ntrust = \"always\"\n\n[selftest]\nnightly = \"off\"\n\n\
             [[sink]]\nid = \"hall\"\ndriver = \"recorder\"\ndir = \"{dir}/recordings\"\n\n\
             [[cluster]]\nid = \"thon-1\"\nname = \"Thôn 1\"\npaths = [{{ sink = \"hall\" }}]\nspeakers = 1\n\n{more}"
        );
        std::fs::write(scratch.join("trust.json"), r#"{"keys":[]}"#)?;
        std::fs::create_dir_all(scratch.join("data"))?;
        for (name, role) in [("minh", Role::Technician), ("khach", Role::Viewer)] {
            web_ui::users::add_user(&scratch.join("data"), name, role, PASSWORD)?;
        }
        let config = scratch.join("gateway.toml");
        std::fs::write(&config, text).context("writing the station's configuration")?;
        let mut station = Station::new(config, ports, Vec::new())?;
        station.start()?;
        station.wait_ready()?;
        Ok(Self { station, scratch })
    }

    /// Somebody at the desk.
    pub fn officer(&self, name: &str) -> Result<Officer> {
        Officer::sign_in(&format!("http://127.0.0.1:{}", self.station.ports.officer), None, name, PASSWORD)
    }

    /// Everything the station has on its disk and said, as far as it is text or holds text.
    pub fn holds(&self, words: &str) -> Result<Option<String>> {
        let mut folders = vec![self.scratch.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file()
                    && std::fs::read(&path)?.windows(words.len()).any(|bytes| bytes == words.as_bytes())
                {
                    return Ok(Some(path.display().to_string()));
                }
            }
        }
        Ok(self.station.log().into_iter().find(|line| line.contains(words)))
    }
}
