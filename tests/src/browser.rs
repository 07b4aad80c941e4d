//! A real browser without a screen: Chromium, told over its own debugging pipe what to open, and photographed.

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// How long anything the browser is asked may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a page is looked at again.
const LOOK: Duration = Duration::from_millis(100);
/// The largest thing the browser says: a photograph.
const LONGEST: u64 = 32 * 1024 * 1024;

/// The browser; killed on drop.
pub struct Browser {
    child: Child,
    orders: File,
    said: Receiver<Value>,
    next: u64,
}

/// A page of it.
#[derive(Clone, Debug)]
pub struct Tab(String);

impl Browser {
    /// Starts it with a profile of its own in this folder, which must be there.
    pub fn open(folder: &Path) -> Result<Self> {
        let (orders, answers) = (folder.join("orders"), folder.join("answers"));
        let made = Command::new("mkfifo").arg(&orders).arg(&answers).status().context("running mkfifo")?;
        ensure!(made.success(), "no pipes in {}", folder.display());
        // The pipe is its third and fourth file; messages end with a zero byte.
        let mut child = Command::new("sh")
            .args(["-c", "exec chromium \"$@\" 3<\"$ORDERS\" 4>\"$ANSWERS\"", "sh"])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"])
            // The stage's certificates are nobody's.
            .arg("--ignore-certificate-errors")
            .args(["--autoplay-policy=no-user-gesture-required", "--no-first-run", "--disable-background-networking"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .env("ORDERS", &orders)
            .env("ANSWERS", &answers)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.join("browser.log"))?)
            .spawn()
            .context("starting chromium; run scripts/setup")?;
        // Each opening waits for the other side's: in the same order.
        let pipes = File::options().write(true).open(&orders).and_then(|to| Ok((to, File::open(&answers)?)));
        let (orders, answers) = match pipes {
            Ok(pipes) => pipes,
            Err(error) => {
                child.kill().ok();
                return Err(error).context("the browser's pipe");
            }
        };
        let (sender, said) = sync_channel(1024);
        std::thread::Builder::new().name("browser".to_owned()).spawn(move || {
            let mut answers = BufReader::new(answers);
            let mut message = Vec::new();
            loop {
                message.clear();
                let mut bounded = std::io::Read::take(&mut answers, LONGEST);
                let ends = bounded.read_until(0, &mut message).map_or(true, |count| count == 0);
                if ends || message.pop() != Some(0) {
                    return;
                }
                let Ok(value) = serde_json::from_slice(&message) else { return };
                if sender.send(value).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { child, orders, said, next: 1 })
    }

    /// Opens an address in a window of this size. `first`: a script that runs before those of the page.
    pub fn visit(&mut self, url: &str, size: (u32, u32), first: &str) -> Result<Tab> {
        let tab = self.blank(size, first)?;
        self.go(&tab, url)?;
        Ok(tab)
    }

    /// A window of this size with nothing in it yet. `first`: a script that runs before those of each page.
    pub fn blank(&mut self, (width, height): (u32, u32), first: &str) -> Result<Tab> {
        let made = self.call(None, "Target.createTarget", json!({ "url": "about:blank", "newWindow": true }))?;
        let attached =
            self.call(None, "Target.attachToTarget", json!({ "targetId": made["targetId"], "flatten": true }))?;
        let tab = Tab(attached["sessionId"].as_str().context("a session")?.to_owned());
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call(Some(&tab), "Emulation.setDeviceMetricsOverride", size)?;
        self.call(Some(&tab), "Page.enable", json!({}))?;
        self.call(Some(&tab), "Page.addScriptToEvaluateOnNewDocument", json!({ "source": first }))?;
        Ok(tab)
    }

    /// Opens an address in a window.
    pub fn go(&mut self, tab: &Tab, url: &str) -> Result<()> {
        let there = self.call(Some(tab), "Page.navigate", json!({ "url": url }))?;
        ensure!(there["errorText"].is_null(), "{url}: {}", there["errorText"]);
        Ok(())
    }

    /// Makes a window that of a slow machine that was never here: its processor so many times slower, nothing kept.
    pub fn slow(&mut self, tab: &Tab, times: u32) -> Result<()> {
        self.call(Some(tab), "Network.enable", json!({}))?;
        self.call(Some(tab), "Network.setCacheDisabled", json!({ "cacheDisabled": true }))?;
        self.call(Some(tab), "Network.setBypassServiceWorker", json!({ "bypass": true }))?;
        self.call(Some(tab), "Emulation.setCPUThrottlingRate", json!({ "rate": times }))?;
        Ok(())
    }

    /// Gives the browser a cookie of this address, as signing in would.
    pub fn keep(&mut self, tab: &Tab, url: &str, name: &str, value: &str) -> Result<()> {
        let cookie = json!({ "url": url, "name": name, "value": value, "secure": true, "httpOnly": true });
        let kept = self.call(Some(tab), "Network.setCookie", cookie)?;
        ensure!(kept["success"] != false, "the browser does not keep the cookie {name}");
        Ok(())
    }

    /// Closes a window.
    pub fn close(&mut self, tab: &Tab) -> Result<()> {
        self.call(Some(tab), "Page.close", json!({})).map(drop)
    }

    /// What an expression is worth on a page.
    pub fn ask(&mut self, tab: &Tab, expression: &str) -> Result<Value> {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call(Some(tab), "Runtime.evaluate", asked)?;
        ensure!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        Ok(answer["result"]["value"].take())
    }

    /// Waits until an expression is true on a page.
    pub fn wait(&mut self, tab: &Tab, expression: &str) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.ask(tab, expression)? != Value::Bool(true) {
            if Instant::now() > until {
                let page = self.ask(tab, "document.body.className + ' ' + document.body.innerText")?;
                bail!("never {expression}: the page is {page}");
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// A photograph of one element of a page, as a PNG file.
    pub fn photograph(&mut self, tab: &Tab, element: &str, to: &Path) -> Result<()> {
        let place = format!(
            "(() => {{ const r = document.querySelector('{element}').getBoundingClientRect();
            return {{ x: r.x, y: r.y, width: r.width, height: r.height, scale: 1 }}; }})()"
        );
        let clip = self.ask(tab, &place)?;
        let shot = self.call(Some(tab), "Page.captureScreenshot", json!({ "format": "png", "clip": clip }))?;
        let file = STANDARD.decode(shot["data"].as_str().context("a photograph")?)?;
        std::fs::write(to, file).with_context(|| format!("writing {}", to.display()))
    }

    fn call(&mut self, tab: Option<&Tab>, method: &str, params: Value) -> Result<Value> {
        let id = self.next;
        self.next += 1;
        let mut order = json!({ "id": id, "method": method, "params": params });
        if let Some(Tab(session)) = tab {
            order["sessionId"] = session.as_str().into();
        }
        let mut bytes = order.to_string().into_bytes();
        bytes.push(0);
        self.orders.write_all(&bytes).with_context(|| format!("telling the browser {method}"))?;
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let mut said = self.said.recv_timeout(left).with_context(|| format!("the browser does not {method}"))?;
            if said["id"] == id {
                ensure!(said["error"].is_null(), "{method}: {}", said["error"]);
                return Ok(said["result"].take());
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
