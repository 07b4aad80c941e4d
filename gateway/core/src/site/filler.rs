//! What is heard while nothing is due, where the site wants that: an input, within its hours and the site's.

use super::Site;
use crate::claim::{Claim, ClaimId, Rank};
use crate::programme::DAYS;
use crate::time::{Now, Wall};
use std::collections::BTreeSet;

impl Site {
    /// The claim of the filler, where it is due now.
    pub(super) fn filler_claim(&mut self, now: Now) -> Option<Claim> {
        // It is there to fill the air, and a person who tests everything needs it empty.
        let tested = self.trial.as_ref().is_some_and(super::trial::Running::is_full);
        let due = self.filler_due(now) && !tested;
        let input = self.config.policy.filler.as_ref().map(|f| f.input.clone());
        if let Some(until) = input.filter(|_| due).and_then(|input| self.dead_inputs.get(&input).copied()) {
            self.wake(until, "the filler's input is tried again");
        }
        let known = self.config.policy.filler.clone().filter(|f| due && self.knows_well(&f.input));
        let Some(filler) = known else {
            self.airings.retain(|k, _| k.0 != ClaimId::Filler);
            return None;
        };
        // One that has come to its end begins anew.
        self.airings.retain(|k, a| k.0 != ClaimId::Filler || !a.is_over());
        let meant = |id: &&crate::id::ClusterId| filler.clusters.is_empty() || filler.clusters.contains(*id);
        Some(Claim {
            id: ClaimId::Filler,
            rank: Rank::Filler,
            order: 0,
            clusters: self.config.clusters.keys().filter(meant).cloned().collect(),
            boards: BTreeSet::new(),
        })
    }

    fn filler_due(&mut self, now: Now) -> bool {
        let (Some(filler), Some(wall)) = (&self.config.policy.filler, self.wall(now)) else { return false };
        let (policy, second) = (&self.config.policy, wall.second_of_day());
        let longest = policy.hours.longest_s;
        let spans: Vec<(u32, u32)> = filler
            .spans
            .iter()
            .map(|(from, until)| {
                (*from, if longest == 0 { *until } else { (*until).min(from.saturating_add(longest)) })
            })
            .collect();
        let (date, _) = wall.local();
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).ok().and_then(|d| DAYS.get(d).copied());
        let within = |spans: &[(u32, u32)]| spans.iter().any(|(from, until)| (*from..*until).contains(&second));
        let due = within(&spans)
            && (policy.hours.days.is_empty() || policy.hours.days.iter().any(|d| Some(d.as_str()) == day))
            && (policy.hours.sessions.is_empty() || within(&policy.hours.sessions))
            && !(policy.hours.quiet_at_night && policy.is_night(second));
        let edges = spans.iter().chain(&policy.hours.sessions).flat_map(|(from, until)| [*from, *until]);
        let edges = edges.chain([policy.night_from_s, policy.night_until_s, 86_400]);
        if let Some(next) = edges.filter(|edge| *edge > second).min() {
            let ahead = i64::from(next - second) * 1000;
            self.wake_wall(Wall(wall.0.div_euclid(1000) * 1000).plus(ahead), now, "the filler's hours");
        }
        due
    }

    pub(super) fn filler_title(&self) -> String {
        let filler = self.config.policy.filler.as_ref();
        let input = filler.and_then(|f| self.config.inputs.get(&f.input));
        let name = input.map(|i| i.name.clone()).filter(|n| !n.is_empty());
        name.unwrap_or_else(|| filler.map(|f| f.input.to_string()).unwrap_or_default())
    }
}
