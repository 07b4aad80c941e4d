//! The few questions to the kernel that the standard library does not put.
#![expect(unsafe_code, reason = "libc is called here and nowhere else in this program")]

use crate::clock::Kernel;
use std::io;
use std::mem::MaybeUninit;

/// Milliseconds since power-on, sleep included (`CLOCK_BOOTTIME`).
pub(crate) fn since_boot_ms() -> io::Result<u64> {
    let mut at = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the kernel fills the struct it is given a valid pointer to, and says so by 0.
    let at = unsafe {
        if libc::clock_gettime(libc::CLOCK_BOOTTIME, at.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        at.assume_init()
    };
    let (s, ns) = (u64::try_from(at.tv_sec).unwrap_or(0), u64::try_from(at.tv_nsec).unwrap_or(0));
    Ok(s.saturating_mul(1000).saturating_add(ns / 1_000_000))
}

/// How the kernel judges its wall clock (adjtimex(2)); changes nothing and needs no privilege.
pub(crate) fn kernel_clock() -> io::Result<Kernel> {
    let mut told = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: all zero is a valid timex; with `modes` 0 the kernel only fills it in.
    let (state, told) = unsafe {
        let state = libc::adjtimex(told.as_mut_ptr());
        (state, told.assume_init())
    };
    if state < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Kernel { error: state == libc::TIME_ERROR, unsynchronised: told.status & libc::STA_UNSYNC != 0 })
}

/// Kills a process that leads its own group, with all it has started.
pub(crate) fn kill_group(leader: u32) {
    let Some(group) = i32::try_from(leader).ok().filter(|g| *g > 1) else { return };
    // SAFETY: no memory is involved; a group that is gone is an error that changes nothing.
    let gone = unsafe { libc::kill(-group, libc::SIGKILL) } != 0;
    log::debug!(group, gone; "killed a process group");
}
