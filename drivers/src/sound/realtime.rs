//! Real-time scheduling of the thread that feeds a card: with it, 5 ms periods hold under load; without it they do not.

use std::thread;

/// Above ordinary threads, below the kernel's own interrupt threads (50 on a PREEMPT_RT kernel).
const PRIORITY: libc::c_int = 48;

/// Asks that the calling thread run before every ordinary one (`SCHED_FIFO`). `false`: the system does not allow it
/// (`LimitRTPRIO=` of the unit, or `CAP_SYS_NICE`).
pub(super) fn promote_this_thread() -> bool {
    let param = libc::sched_param { sched_priority: PRIORITY };
    #[expect(
        unsafe_code,
        reason = "the C library is the only way to ask; `param` lives across the call, which keeps nothing"
    )]
    // SAFETY: pid 0 is the calling thread; the pointer is to a live, initialised `sched_param`.
    let answer = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &raw const param) };
    answer == 0
}

/// How much an ordinary thread stands back for others (`nice`).
const YIELDS: libc::c_int = 10;

/// Lets every other thread go before the calling one, where there is work for both.
pub(super) fn yield_to_others() {
    #[expect(unsafe_code, reason = "the C library is the only way to ask; numbers go in, and a number comes back")]
    // SAFETY: no memory is involved; on Linux, process 0 is the calling thread.
    let answer = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, YIELDS) };
    if answer != 0 {
        log::debug!("a thread of the sound could not be slowed down");
    }
}

/// Whether a thread of this process may be promoted, tried on one that ends at once.
pub(super) fn allowed() -> bool {
    thread::Builder::new()
        .name("sound-probe".into())
        .stack_size(64 * 1024)
        .spawn(promote_this_thread)
        .is_ok_and(|probe| probe.join().unwrap_or(false))
}
