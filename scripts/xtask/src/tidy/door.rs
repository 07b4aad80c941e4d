//! The door of the core: one call of `step` in the daemon, in the loop.

use super::Tracked;

/// Where the one call stands.
const LOOP: &str = "gateway/daemon/src/run.rs";

/// Findings about all files.
pub(crate) fn check(files: &[Tracked]) -> Vec<String> {
    let mut calls = Vec::new();
    for file in files.iter().filter(|f| f.path.starts_with("gateway/daemon/src/")) {
        let text = file.text.as_deref().unwrap_or_default();
        for (place, line) in text.lines().enumerate() {
            if line.contains(".step(") && !line.trim_start().starts_with("//") {
                calls.push((file.path.as_str(), place + 1));
            }
        }
    }
    match calls.as_slice() {
        [(LOOP, _)] => Vec::new(),
        [] => vec![format!("{LOOP}: nobody calls step: the station decides nothing")],
        calls => calls
            .iter()
            .map(|(path, line)| format!("{path}:{line}: step is called in one place, the loop in {LOOP}"))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_second_call_of_step_is_found() {
        let one = sample(LOOP, "let entries = self.site.step(input, now);\n// .step( in words\n");
        assert!(check(&[one]).is_empty());
        let one = sample(LOOP, "self.site.step(input, now);");
        let two = sample("gateway/daemon/src/web.rs", "site.step(input, now);");
        assert_eq!(check(&[one, two]).len(), 2);
        assert_eq!(check(&[sample("gateway/daemon/src/web.rs", "site.step(input, now);")]).len(), 1);
        assert_eq!(check(&[sample(LOOP, "")]).len(), 1);
    }
}
