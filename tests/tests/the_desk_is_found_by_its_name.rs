//! A phone that knows no address finds the desk: its name by multicast DNS (python-zeroconf asks), its page by that name,
//! with a certificate that is good for it.

use site_tests::peer::Peer;
use site_tests::scratch::Scratch;
use site_tests::stage::{PATIENCE, gateway};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The address of the machine in a network of its own.
const OWN: &str = "192.168.77.2";

/// Runs the test of this name again in a network of its own with a machine name of its own; `true`: this is that run.
fn alone(name: &str) -> bool {
    if std::env::var_os("NAME_ALONE").is_some() {
        run("hostname", &["tram-xa"]);
        run("ip", &["link", "set", "lo", "up"]);
        run("ip", &["link", "set", "lo", "multicast", "on"]);
        run("ip", &["address", "add", &format!("{OWN}/24"), "dev", "lo"]);
        run("ip", &["route", "add", "224.0.0.0/4", "dev", "lo"]);
        return true;
    }
    let own = std::env::current_exe().expect("this program");
    let mut again = Command::new("unshare");
    again.args(["--map-root-user", "--net", "--uts"]).arg(own);
    let ended =
        again.args(["--exact", name, "--nocapture"]).env("NAME_ALONE", "1").status().expect("unshare (util-linux)");
    assert!(ended.success(), "in a network of its own: {ended}");
    false
}

fn run(program: &str, words: &[&str]) {
    assert!(Command::new(program).args(words).status().expect(program).success(), "{program} {words:?}");
}

/// A station of the address the desk listens at, ended on drop.
struct Box(Child);

impl Box {
    fn at(dir: &Path, officer: &str) -> Self {
        let place = dir.display();
        std::fs::write(dir.join("trust.json"), r#"{"keys":[]}"#).expect("a trust store");
        let text = format!(
            "[station]\nid = \"TN-25459-01\"\nprovince = \"80\"\ncommune = \"25459\"\nlat = 11.31\nlon = 106.10\n\
             data = \"{place}/data\"\ntrust = \"{place}/trust.json\"\n\n[web]\nofficer = \"{officer}\"\n\
             citizen = \"127.0.0.1:8080\"\nops = \"127.0.0.1:9100\"\n\n\
             [[sink]]\nid = \"hall\"\ndriver = \"recorder\"\ndir = \"{place}/recordings\"\n\n\
             [[cluster]]\nid = \"thon-1\"\nname = \"Thôn 1\"\npaths = [{{ sink = \"hall\" }}]\nspeakers = 1\n"
        );
        std::fs::write(dir.join("gateway.toml"), text).expect("a configuration");
        let mut station = Command::new(gateway().expect("the program"));
        station.args(["run", "--config"]).arg(dir.join("gateway.toml")).stdout(Stdio::null());
        Self(station.spawn().expect("the station starts"))
    }
}

impl Drop for Box {
    fn drop(&mut self) {
        // Both fail only for one that has ended.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_phone_finds_the_desk_by_its_name_and_trusts_it() {
    if !alone("a_phone_finds_the_desk_by_its_name_and_trusts_it") {
        return;
    }
    let scratch = Scratch::new("desk-name").expect("a directory");
    let authority = scratch.join("data/tls/ca.pem");
    let _station = Box::at(scratch.path(), "0.0.0.0:8443");
    let until = Instant::now() + PATIENCE;
    while !authority.exists() {
        assert!(Instant::now() < until, "the box makes its authority");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut phone = Peer::python("name_on_the_network.py", &[OWN, &authority.display().to_string()]);
    let mut said = phone.ask("find");
    while said == "nobody" {
        assert!(Instant::now() < until, "the box tells its name");
        std::thread::sleep(Duration::from_millis(100));
        said = phone.ask("find");
    }
    assert_eq!(said, "tram-xa.local 8443 200 True");
}
