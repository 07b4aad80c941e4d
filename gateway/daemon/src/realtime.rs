//! Real-time priority for the two threads an alert passes through before it sounds.

/// Below the audio callback, above everything that is not part of an alert's way.
const PRIORITY: libc::c_int = 10;

/// Puts the calling thread before ordinary ones, where the system allows it; says whether it did.
///
/// Both threads wait for input between short turns, so they cannot starve the machine; the kernel's real-time throttle
/// stands behind that.
#[expect(unsafe_code, reason = "the scheduler has no safe interface in the standard library")]
pub(crate) fn raise() -> bool {
    let param = libc::sched_param { sched_priority: PRIORITY };
    // SAFETY: the call reads one struct that lives through it and changes the calling thread alone.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, &raw const param) == 0 }
}
