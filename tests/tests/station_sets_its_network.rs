//! A technician sets the address of the cable: Debian's own NetworkManager does it, in a network of the test's own, with a DHCP
//! server that others wrote at the other end; nmcli and the kernel say what came of it.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use site_tests::peer::Peer;
use site_tests::scratch::Scratch;
use site_tests::small::Small;
use site_tests::stage::{Officer, PATIENCE};
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs the test of this name again in a network of its own; `true`: this is that run.
fn alone(name: &str) -> Result<bool> {
    if std::env::var_os("NETWORK_ALONE").is_some() {
        let up = Command::new("ip").args(["link", "set", "lo", "up"]).status().context("ip")?;
        ensure!(up.success(), "ip link set lo up");
        return Ok(true);
    }
    let mut again = Command::new("unshare");
    again.args(["--map-root-user", "--net", "--uts", "--mount"]).arg(std::env::current_exe()?);
    let again = again.args(["--exact", name, "--nocapture"]).env("NETWORK_ALONE", "1");
    let ended = again.status().context("unshare (util-linux)")?;
    ensure!(ended.success(), "in a network of its own: {ended}");
    Ok(false)
}

fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let late = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() > late {
            bail!("{what} never came");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the trial that goes on is so far; the whole state.
fn trial(minh: &Officer, phase: &str) -> Result<Value> {
    let mut seen = Value::Null;
    let found = until(&format!("a trial that is {phase}"), || {
        seen = minh.get("/api/v1/network")?.body;
        Ok((seen["trial"]["phase"] == phase).then(|| seen.clone()))
    });
    found.with_context(|| format!("{seen:#}"))
}

/// Waits until no trial goes on; how the last one ended.
fn ended(minh: &Officer) -> Result<Value> {
    until("the end of the trial", || {
        let state = minh.get("/api/v1/network")?.body;
        Ok(state["trial"].is_null().then(|| state["last"].clone()))
    })
}

/// NetworkManager with its cable leased an address; that address.
fn manager() -> Result<(Scratch, Peer, String)> {
    let scratch = Scratch::new("real-network")?;
    let mut peer = Peer::system("network_manager.py", &[&scratch.join("nm").display().to_string()]);
    let cable =
        peer.ask("nmcli connection add type ethernet ifname eth0 con-name Cap ipv4.method auto ipv4.dns-search xa.vn");
    ensure!(cable.contains("successfully added"), "{cable}");
    peer.ask("nmcli connection up Cap");
    let leased = peer.ask("addresses");
    ensure!(leased.starts_with("10.9.0.1"), "the DHCP server gave {leased}");
    Ok((scratch, peer, leased))
}

fn setting(peer: &Peer) -> String {
    format!("[network]\nbus = \"{}\"\nconfirm_s = 20\n", peer.ready)
}

fn fixed(address: &str) -> Value {
    json!({"device": "eth0", "method": "fixed", "address": address, "prefix": 24, "router": "10.9.0.1", "dns": ["10.9.0.1", "1.1.1.1"]})
}

#[test]
fn an_address_is_tried_kept_and_comes_back_by_itself() -> Result<()> {
    if !alone("an_address_is_tried_kept_and_comes_back_by_itself")? {
        return Ok(());
    }
    let (_scratch, mut peer, leased) = manager()?;
    let small = Small::up("network", &setting(&peer))?;
    let (minh, khach) = (small.officer("minh")?, small.officer("khach")?);

    // Everybody sees it, the technician alone changes it.
    let state = khach.get("/api/v1/network")?.body;
    let device = &state["devices"][0];
    ensure!(state["elsewhere"].is_null() && state["devices"].as_array().is_some_and(|d| d.len() == 1), "{state:#}");
    ensure!(device["name"] == "eth0" && device["kind"] == "wired" && device["state"] == "up", "{device:#}");
    ensure!(device["method"] == "dhcp" && device["addresses"] == json!([leased]), "{device:#}");
    ensure!(device["router"] == "10.9.0.1" && device["dns"] == json!(["10.9.0.1"]), "{device:#}");
    ensure!(khach.put("/api/v1/network/address", &fixed("10.9.0.20"))?.status == 403, "a viewer may change it");

    // What cannot be is refused before anything is touched.
    for (wrong, status) in [
        (json!({"device": "eth0", "method": "fixed", "address": "10.9.0.20", "prefix": 24, "router": "10.8.0.1"}), 422),
        (json!({"device": "eth0", "method": "fixed", "address": "10.9.0.255", "prefix": 24}), 422),
        (json!({"device": "eth0", "method": "fixed"}), 422),
        (json!({"device": "eth7", "method": "dhcp"}), 404),
        (json!({"device": "lo", "method": "dhcp"}), 404),
    ] {
        let answer = minh.put("/api/v1/network/address", &wrong)?;
        ensure!(answer.status == status, "{wrong}: {answer:?}");
    }
    let kept = peer.ask("kept");
    ensure!(minh.get("/api/v1/network")?.body["trial"].is_null() && kept.contains("method=auto"), "{kept}");

    // Nobody confirms it: it is there for its time, on no disk, and the lease comes back by itself.
    let begun = minh.put("/api/v1/network/address", &fixed("10.9.0.20"))?;
    ensure!(begun.status == 200 && begun.body["trial"]["phase"] == "waiting", "{begun:?}");
    ensure!(begun.body["trial"]["address"] == "10.9.0.20" && begun.body["trial"]["by"] == "minh", "{begun:?}");
    let early = minh.post("/api/v1/network/keep", &json!({"no": begun.body["trial"]["no"]}))?;
    ensure!(early.status == 409 && early.body["code"] == "too_early", "{early:?}");
    let second = minh.put("/api/v1/network/address", &fixed("10.9.0.21"))?;
    ensure!(second.status == 409 && second.body["code"] == "waits", "{second:?}");
    let state = trial(&minh, "up")?;
    ensure!(state["trial"]["left_s"].as_u64().is_some_and(|left| (1..=20).contains(&left)), "{state:#}");
    ensure!(peer.ask("addresses") == "10.9.0.20/24", "the kernel has {}", peer.ask("addresses"));
    ensure!(peer.ask("kept") == kept, "an unconfirmed change is on the disk: {}", peer.ask("kept"));
    let last = ended(&minh)?;
    ensure!(last["fate"] == "went_back" && last["what"] == "address" && last["device"] == "eth0", "{last:#}");
    let back = until("the lease", || Ok(Some(peer.ask("addresses")).filter(|a| a != "nothing")))?;
    ensure!(back == leased, "{back} instead of {leased}");
    let late = minh.post("/api/v1/network/keep", &json!({"no": begun.body["trial"]["no"]}))?;
    ensure!(late.status == 410, "{late:?}");

    // Confirmed, it is written with all it says, and what the connection said besides stays.
    let begun = minh.put("/api/v1/network/address", &fixed("10.9.0.20"))?.body;
    trial(&minh, "up")?;
    let no = json!({"no": begun["trial"]["no"]});
    let done = minh.post("/api/v1/network/keep", &no)?;
    ensure!(done.status == 200 && minh.post("/api/v1/network/keep", &no)?.status == 410, "{done:?}");
    ensure!(ended(&minh)?["fate"] == "kept", "it is not kept");
    let kept = peer.ask("kept");
    for line in ["address1=10.9.0.20/24,10.9.0.1", "dns=10.9.0.1;1.1.1.1;", "dns-search=xa.vn;", "method=manual"] {
        ensure!(kept.contains(line), "{line} is not in {kept}");
    }
    let told = peer.ask("nmcli -g IP4.ADDRESS,IP4.GATEWAY,IP4.DNS device show eth0");
    ensure!(told == "10.9.0.20/24 / 10.9.0.1 / 10.9.0.1 | 1.1.1.1", "{told}");

    // Taken back by hand, at once.
    let begun = minh.put("/api/v1/network/address", &json!({"device": "eth0", "method": "dhcp"}))?.body;
    let state = trial(&minh, "up")?;
    ensure!(state["devices"][0]["method"] == "dhcp", "{state:#}");
    let undone = minh.post("/api/v1/network/undo", &json!({"no": begun["trial"]["no"]}))?;
    ensure!(undone.status == 200, "{undone:?}");
    ensure!(ended(&minh)?["fate"] == "undone", "it is not undone");
    until("the fixed address", || Ok(Some(peer.ask("addresses")).filter(|a| a == "10.9.0.20/24")))?;

    // Who did it stands in the journal.
    let journal = minh.journal()?;
    let said = serde_json::to_string(&journal)?;
    ensure!(said.contains("network eth0: address 10.9.0.20/24 (connection "), "{journal:#?}");
    ensure!(said.contains("network change 2: kept") && said.contains("minh"), "{said}");

    Ok(())
}

#[test]
fn the_power_fails_during_a_trial_and_the_network_before_is_there() -> Result<()> {
    if !alone("the_power_fails_during_a_trial_and_the_network_before_is_there")? {
        return Ok(());
    }
    let (_scratch, mut peer, leased) = manager()?;
    let small = Small::up("network-power", &setting(&peer))?;
    let minh = small.officer("minh")?;
    minh.put("/api/v1/network/address", &fixed("10.9.0.33"))?;
    trial(&minh, "up")?;
    ensure!(peer.ask("addresses") == "10.9.0.33/24", "{}", peer.ask("addresses"));
    peer.ask("power_cut");
    until("the lease", || Ok(Some(peer.ask("addresses")).filter(|a| *a == leased)))?;
    ensure!(ended(&minh)?["fate"] == "went_back", "{:#}", minh.get("/api/v1/network")?.body);
    ensure!(minh.get("/api/v1/network")?.body["devices"][0]["method"] == "dhcp", "it is not what it was");
    Ok(())
}

#[test]
fn a_network_manager_that_hangs_holds_nobody_up_and_one_that_is_gone_is_said_to_be() -> Result<()> {
    if !alone("a_network_manager_that_hangs_holds_nobody_up_and_one_that_is_gone_is_said_to_be")? {
        return Ok(());
    }
    let (_scratch, mut peer, _) = manager()?;
    let small = Small::up("network-gone", &setting(&peer))?;
    let minh = small.officer("minh")?;
    peer.ask("freeze");
    let state = minh.get("/api/v1/network")?;
    ensure!(state.status == 200, "{state:?}");
    until("that it is silent", || Ok(Some(minh.get("/api/v1/network")?.body).filter(|s| s["elsewhere"] == "silent")))?;
    ensure!(minh.get("/api/v1/air")?.status == 200, "the desk hangs with it");
    peer.ask("stop");
    until("that it is gone", || Ok(Some(minh.get("/api/v1/network")?.body).filter(|s| s["elsewhere"] == "absent")))?;
    let refused = minh.put("/api/v1/network/address", &fixed("10.9.0.20"))?;
    ensure!(refused.status == 409 && refused.body["code"] == "set_elsewhere", "{refused:?}");
    ensure!(refused.body["title"].as_str().is_some_and(|t| t.contains("không đặt ở đây")), "{refused:?}");
    Ok(())
}

#[test]
fn what_the_station_asks_polkit_for_is_what_network_manager_asks_polkit_about() -> Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let rule = std::fs::read_to_string(root.join("image/49-gateway-network.rules"))?;
    let policy = root.join("target/network-manager/usr/share/polkit-1/actions/org.freedesktop.NetworkManager.policy");
    let policy =
        std::fs::read_to_string(&policy).with_context(|| format!("{}: run scripts/setup", policy.display()))?;
    let named: Vec<&str> = rule.split('"').filter(|word| word.starts_with("org.freedesktop.")).collect();
    ensure!(named.len() == 4, "{named:?}");
    for action in named {
        ensure!(policy.contains(&format!("<action id=\"{action}\">")), "NetworkManager knows no {action}");
    }
    // The rule itself, run: the station may these four and nothing else, and nobody else may them by it.
    let line = format!(
        "const polkit = {{ Result: {{ YES: 'yes', NOT_HANDLED: '' }}, addRule(rule) {{ this.rule = rule; }} }};\n{rule}\n\
         const ask = (id, user) => polkit.rule({{ id }}, {{ user }}) || 'no';\n\
         const stem = 'org.freedesktop.NetworkManager.';\n\
         console.log([ask(stem + 'network-control', 'gateway'), ask(stem + 'checkpoint-rollback', 'gateway'),\n\
           ask(stem + 'settings.modify.hostname', 'gateway'), ask(stem + 'network-control', 'www-data'),\n\
           ask('org.freedesktop.systemd1.manage-units', 'gateway')].join(' '));"
    );
    let told = Command::new("node").args(["-e", &line]).output().context("node")?;
    let said = String::from_utf8_lossy(&told.stdout);
    ensure!(said.trim() == "yes yes no no no", "{said} {}", String::from_utf8_lossy(&told.stderr));
    Ok(())
}
