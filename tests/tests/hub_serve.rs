//! The `hub` commands together: one that stays, others that come and go, and a station that misses things.

use serde_json::{Value, json};
use site_tests::broker::Broker;
use site_tests::hub::{Pki, Place, SigningKey};
use site_tests::puppet::{Entrance, Puppet};
use site_tests::scratch::Scratch;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

const STATION: &str = "TN-25459-01";
const SOON: Duration = Duration::from_secs(30);

struct Bench {
    broker: Broker,
    pki: Pki,
    scratch: Scratch,
}

/// A running `hub serve`, killed on drop, and the lines it prints.
struct Serving(Child, Receiver<String>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Serving {
    fn line(&self, what: &str) -> String {
        let deadline = Instant::now() + SOON;
        let mut before = Vec::new();
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            match self.1.recv_timeout(left) {
                Ok(line) if line.contains(what) => return line,
                Ok(line) => before.push(line),
                Err(_) => break,
            }
        }
        panic!("no line with {what:?}; there were {before:#?}");
    }
}

impl Bench {
    fn new() -> Self {
        let scratch = Scratch::new("serve").expect("scratch");
        let pki = Pki::create(&scratch.join("pki"), &[]).expect("pki");
        let place =
            Place { station: STATION.to_owned(), province: Some("80".to_owned()), commune: Some("25459".to_owned()) };
        pki.add_station(&place).expect("station");
        let broker = Broker::tls(&pki).expect("broker");
        Self { broker, pki, scratch }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
        command.arg(name).arg("--pki").arg(self.scratch.join("pki"));
        command.arg("--broker").arg(self.broker.url()).arg("--state").arg(self.state());
        command
    }

    fn state(&self) -> PathBuf {
        self.scratch.join("state")
    }

    fn serve(&self) -> Serving {
        let mut command = self.command("serve");
        command.args(["--media-listen", "127.0.0.1:0", "--grace", "0", "--media"]).arg(self.scratch.join("media"));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("hub serve starts");
        let stdout = child.stdout.take().expect("its output");
        let (lines, screen) = sync_channel(1000);
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| lines.send(line)).ok()
        });
        let serving = Serving(child, screen);
        serving.line("serving");
        serving
    }

    fn publish(&self, args: &[&str]) -> String {
        let out = self.command("publish").args(args).output().expect("hub publish runs");
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).expect("text")
    }

    fn puppet(&self, key: [u8; 32], durable: bool) -> Puppet {
        let key = SigningKey::from_seed(&format!("s:{STATION}"), key).expect("key");
        let (url, filters) = (self.broker.url(), Puppet::filters(STATION, "80", "25459"));
        let entrance = Entrance { pki: &self.pki, url: &url, station: STATION, filters, durable, key };
        Puppet::enter(entrance).expect("puppet")
    }
}

/// The identity in the last line that `hub publish` printed.
fn jti(printed: &str) -> String {
    printed.lines().last().and_then(|l| l.split('\t').next()).expect("an identity").to_owned()
}

fn uplinks(bench: &Bench) -> Vec<Value> {
    let text = std::fs::read_to_string(bench.state().join("uplink.jsonl")).expect("ledger");
    text.lines().filter(|l| !l.is_empty()).map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

#[test]
fn a_station_that_lost_its_session_is_sent_what_it_never_acknowledged() {
    let bench = Bench::new();
    let serving = bench.serve();
    let known = jti(&bench.publish(&["bulletin", "--aud", "c:25459", "--id", "BT-known", "--text", "Một"]));
    let puppet = bench.puppet([1; 32], false);
    puppet.greet().expect("status");
    serving.line("is there");
    // It was away when that one was sent, so the hub says it again; now it acknowledges.
    assert!(serving.line("sent again").contains(&known));
    assert_eq!(puppet.wait_claims(1).expect("heard")[0].jti, known);
    puppet.say("ack", &json!({"of": known, "stage": "received"})).expect("ack");
    serving.line("stage=received");
    puppet.vanish();
    serving.line("is gone");

    let recalled = jti(&bench.publish(&["bulletin", "--aud", "c:25459", "--id", "BT-wrong", "--text", "Sai"]));
    let recall = jti(&bench.publish(&["recall", "--aud", "c:25459", "BT-wrong"]));
    let told = jti(&bench.publish(&["time", "--aud", "c:25459"]));
    let elsewhere = jti(&bench.publish(&["bulletin", "--aud", "c:25460", "--text", "Xã khác"]));
    let missed = jti(&bench.publish(&["bulletin", "--aud", "p:80", "--id", "BT-missed", "--text", "Hai"]));
    drop(serving);

    // Another hub process on the same state, another session of the station: only the ledger remembers.
    let serving = bench.serve();
    let puppet = bench.puppet([1; 32], false);
    puppet.greet().expect("status");
    let heard: Vec<String> = puppet.wait_claims(2).expect("heard").into_iter().map(|c| c.jti).collect();
    assert_eq!(heard, [recall.clone(), missed], "in order; not {known}, {recalled}, {elsewhere} or {told}");
    assert!(serving.line("sent again").contains(&recall));
    let stages: Vec<Value> =
        uplinks(&bench).iter().map(|u| u["body"]["stage"].clone()).filter(|s| !s.is_null()).collect();
    assert_eq!(stages, [json!("received")], "each uplink is in the ledger once");
}

#[test]
fn what_came_while_the_hub_was_away_is_kept_by_the_broker_and_a_wrong_key_is_shown() {
    let bench = Bench::new();
    let serving = bench.serve();
    let puppet = bench.puppet([1; 32], false);
    puppet.greet().expect("status");
    serving.line("is there");
    drop(serving);
    for n in 0..30 {
        puppet.say("feedback", &json!({"n": n})).expect("said to nobody but the broker");
    }
    let second = bench.serve();
    second.line("feedback");
    puppet.say("incident", &json!({"code": "mute"})).expect("said");
    second.line("incident");
    let told: Vec<u64> = uplinks(&bench).iter().filter_map(|u| u["body"]["n"].as_u64()).collect();
    assert_eq!(told, (0..30).collect::<Vec<_>>());

    let other = bench
        .command("serve")
        .args(["--media-listen", "127.0.0.1:0"])
        .arg("--media")
        .arg(bench.scratch.join("m2"))
        .output();
    let other = other.expect("hub serve runs");
    assert_eq!(other.status.code(), Some(1), "two hubs on one ledger");
    assert!(String::from_utf8_lossy(&other.stderr).contains("another hub"));

    drop(puppet);
    let impostor = bench.puppet([2; 32], false);
    impostor.greet().expect("the broker cannot tell");
    assert!(second.line("refused").contains("signature does not hold"));
}

#[test]
fn a_bulletin_with_audio_is_served_and_packed() {
    let bench = Bench::new();
    let _serving = bench.serve();
    let puppet = bench.puppet([1; 32], false);
    puppet.greet().expect("status");
    let nobody = bench.command("publish").args(["bulletin", "--text", "x"]).output().expect("hub publish runs");
    assert_eq!(nobody.status.code(), Some(2), "for whom has to be said");
    let sound = bench.scratch.join("a.wav");
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "lavfi", "-i", "sine=frequency=440:duration=2", "-ar", "16000"])
        .arg(&sound)
        .status();
    assert!(made.expect("ffmpeg runs").success());
    let media = bench.scratch.join("media");
    let file = |p: &PathBuf| p.to_str().expect("text").to_owned();
    let args = ["bulletin", "--priority", "emergency", "--aud", "g:TN-25459-01", "--text", "Lũ", "--hazard", "lu:4"];
    let (sound, dir) = (file(&sound), file(&media));
    bench.publish(&[args.as_slice(), &["--audio", &sound, "--media", &dir, "--repeat", "3"]].concat());
    let heard = puppet.wait_heard(1).expect("heard");
    assert_eq!(heard[0].0, "ttcs/1/g/TN-25459-01/down/bulletin");
    let message = String::from_utf8(heard[0].1.clone()).expect("text");
    let claims = site_tests::hub::envelope::peek(&message).expect("claims");
    let (audio, text) = (&claims.body["content"][0]["media"], &claims.body["content"][1]);
    assert_eq!((&text["text"], &claims.body["hazard"]), (&json!("Lũ"), &json!({"type": "lu", "level": 4})));
    assert_eq!((audio["duration_s"].as_f64(), &claims.body["repeat"]), (Some(2.0), &json!(3)));
    let fetched = Command::new("curl")
        .args(["-sSf", "--cacert"])
        .arg(bench.pki.path("ca.pem"))
        .arg(audio["url"].as_str().expect("url"))
        .output()
        .expect("curl runs");
    assert_eq!(fetched.stdout, std::fs::read(&sound).expect("file"));

    let (jws, pack) = (bench.scratch.join("m.jws"), bench.scratch.join("x.ttcs"));
    std::fs::write(&jws, &message).expect("written");
    let packed = Command::new(env!("CARGO_BIN_EXE_hub"))
        .arg("pack")
        .arg("--out")
        .arg(&pack)
        .arg("--media")
        .arg(&media)
        .arg(&jws)
        .output();
    assert!(packed.expect("hub pack runs").status.success());
    // GNU tar reads it, so it is a tar.
    let tar = |args: &[&str]| Command::new("tar").args(args).arg("-f").arg(&pack).output().expect("tar runs").stdout;
    let names = String::from_utf8(tar(&["-t"])).expect("text");
    let names: Vec<&str> = names.lines().collect();
    assert_eq!(names.len(), 2);
    assert!(names[0].ends_with(".jws"));
    assert_eq!(names[1], format!("media/{}", audio["sha256"].as_str().expect("digest")));
    let inside = Command::new("tar").arg("-xOf").arg(&pack).args(&names).output().expect("tar runs").stdout;
    assert_eq!(inside, [message.into_bytes(), fetched.stdout].concat());
}

#[test]
fn the_silent_test_prints_the_ladder_and_its_exit_code_is_the_verdict() {
    let bench = Bench::new();
    let puppet = bench.puppet([1; 32], false);
    puppet.greet().expect("status");
    let trial = |stages: &[Value], timeout: &str, heard: usize| -> Output {
        let child = bench
            .command("test")
            .args(["--station", STATION, "--timeout", timeout])
            .stdout(Stdio::piped())
            .spawn()
            .expect("hub test starts");
        let claims = puppet.wait_claims(heard).expect("the test came").pop().expect("one");
        let cap = gateway_core::cap::read(claims.body["cap"].as_str().expect("cap")).expect("CAP");
        assert_eq!(cap.status, gateway_core::cap::Status::Test, "nothing must be heard");
        for stage in stages {
            let mut body = stage.clone();
            body["of"] = json!(claims.jti);
            puppet.say("ack", &body).expect("ack");
        }
        child.wait_with_output().expect("it ends")
    };
    let rung = |stage: &str| json!({"stage": stage});
    let done = json!({"stage": "done", "grade": "electrical", "outputs": [{"id": "sink/hall", "result": "ok"}]});
    let well = trial(&[rung("received"), rung("accepted"), rung("keyed"), done], "30", 1);
    let text = String::from_utf8(well.stdout).expect("text");
    let words: Vec<&str> = text.lines().filter_map(|l| l.split("ms").nth(1)).map(str::trim).collect();
    assert_eq!(words, ["received", "accepted", "keyed", "done electrical"]);
    assert!(text.contains("sink/hall"), "{text}");
    assert_eq!(well.status.code(), Some(0));

    let refused = trial(&[rung("received"), json!({"stage": "refused", "code": "not_implemented"})], "30", 2);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("refused not_implemented"));
    assert_eq!(refused.status.code(), Some(1));
    let unfinished = trial(&[rung("received")], "1", 3);
    assert_eq!(unfinished.status.code(), Some(1));
}
